"""A small Hugging Face Hub on loopback, so that the real client can be tested without a network.

It speaks what `huggingface_hub` asks of one: a model's state and tree, `resolve` with its metadata
headers and ranges, large files on a "CDN" of their own, and the way of a push through preupload,
LFS and commit. It can be told to misbehave: to break connections and to send wrong bytes.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit


@dataclass
class Repository:
    """A repository's commits, each a whole tree of files, and the branches that point at them."""

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    private: bool = False
    gated: bool = False

    def commit(self, files: dict[str, bytes], branch: str = "main") -> str:
        """Add files to a branch; the commit's name."""
        tree = self.commits.get(self.branches.get(branch, ""), {}) | files
        text = repr((len(self.commits), sorted(tree.items()))).encode()
        name = hashlib.sha1(text).hexdigest()
        self.commits[name] = tree
        self.branches[branch] = name
        return name


@dataclass
class Hub:
    """The Hub's state, and what it was asked.

    Attributes:
        token: who has it may push, and see what is private or gated.
        break_after: path in a repository → bytes after which the connection breaks, once each.
        swap: path in a repository → other bytes of the same size that are sent in its place.
        stall: paths of which only the first half is sent, and then nothing for long.
        stalled: how often that happened.
        down: answer 503 to everything.
        asked: method, path and `Range` of every request.
    """

    token: str = "hf_test"
    repositories: dict[str, Repository] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    break_after: dict[str, list[int]] = field(default_factory=dict)
    swap: dict[str, bytes] = field(default_factory=dict)
    stall: set[str] = field(default_factory=set)
    stalled: int = 0
    down: bool = False
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    url: str = ""

    def add(self, name: str, folder: Path, branch: str = "main") -> str:
        """A commit of all files of a folder; its name."""
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        return self.repositories.setdefault(name, Repository()).commit(files, branch)

    def downloads(self) -> list[str]:
        """The files whose bytes were sent, in order; a name each time."""
        return [
            path.rsplit("/", 1)[-1] for method, path, _ in self.asked if _is_download(method, path)
        ]

    def environment(self, home: Path, **others: str) -> dict[str, str]:
        """The environment of a process whose Hub this is, with a cache of its own in `home`."""
        return {
            **{key: v for key, v in os.environ.items() if not key.startswith("HF_")},
            "HF_ENDPOINT": self.url, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1", "NO_PROXY": "127.0.0.1,localhost", **others,
        }  # fmt: skip


@contextlib.contextmanager
def serve() -> Iterator[Hub]:
    """A Hub that answers as long as the block runs."""
    hub = Hub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    """One request, answered as huggingface.co does."""

    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_GET(self) -> None:
        self._answer()

    do_HEAD = do_POST = do_PUT = do_GET

    def log_message(self, *_: Any) -> None: ...

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length)
        path = urlsplit(self.path).path
        self.hub.asked.append((self.command, unquote(path), self.headers.get("Range")))
        self.parts = [unquote(part) for part in path.strip("/").split("/")]
        if self.hub.down:
            self._send(503, {"error": "down"})
        elif self.parts[0] == "cdn":
            self._send_bytes("/".join(self.parts[2:]), self._blob(self.parts[1]), self.parts[1])
        elif self.parts[0] == "lfs" and self.command == "PUT":
            self.hub.uploads[self.parts[1]] = self.body
            self._send(200, {})
        elif self.parts[:2] == ["api", "models"]:
            self._model("/".join(self.parts[2:4]), self.parts[4:])
        elif self.parts == ["api", "repos", "create"]:
            self._create()
        elif self.parts == ["api", "validate-yaml"]:
            self._send(200, {"errors": [], "warnings": []})
        elif self.parts[2:3] == ["resolve"]:
            self._resolve("/".join(self.parts[:2]), self.parts[3], "/".join(self.parts[4:]))
        elif self.parts[-1] == "batch":
            self._lfs_batch()
        else:
            self._send(404, {"error": "not found"})

    # What is there

    def _model(self, name: str, rest: list[str]) -> None:
        repository = self._open(name, to_write=self.command == "POST")
        if repository is None:
            return
        what, revision = (*rest, "main", "main")[:2] if rest else ("revision", "main")
        if self.command == "POST" and what in ("preupload", "commit", "branch"):
            getattr(self, f"_{what}")(name, repository, revision)
            return
        found = self._tree(repository, revision)
        if found is None:
            return
        commit, tree = found
        if what == "tree":
            self._send(200, [_entry(path, data, "path") for path, data in tree.items()])
        else:
            self._send(200, {
                "id": name, "sha": commit, "private": repository.private, "tags": [],
                "siblings": [_entry(path, data, "rfilename") for path, data in tree.items()],
            })  # fmt: skip

    def _resolve(self, name: str, revision: str, path: str) -> None:
        repository = self._open(name)
        found = repository and self._tree(repository, revision)
        if not found:
            return
        commit, tree = found
        if path not in tree:
            self._send(404, {}, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit})
            return
        data = tree[path]
        headers = {"X-Repo-Commit": commit}
        if _is_large(path):
            digest = hashlib.sha256(data).hexdigest()
            headers |= {
                "Location": f"{self.hub.url.replace('127.0.0.1', 'localhost')}/cdn/{digest}/{path}",
                "X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(data)),
            }  # fmt: skip
            self._send(302, {}, headers)
        else:
            self._send_bytes(path, data, _git_hash(data), headers)

    def _send_bytes(
        self, path: str, data: bytes, etag: str, headers: dict[str, str] | None = None
    ) -> None:
        """A file or its range, as faulty as the Hub was told to be."""
        data = self.hub.swap.get(path, data)
        begin = int((self.headers.get("Range") or "bytes=0-")[6:].partition("-")[0])
        self.send_response(206 if begin else 200)
        for key, value in {
            "ETag": f'"{etag}"', "Accept-Ranges": "bytes", "Content-Length": len(data) - begin,
            "Content-Range": f"bytes {begin}-{len(data) - 1}/{len(data)}", **(headers or {}),
        }.items():  # fmt: skip
            self.send_header(key, str(value))
        self.end_headers()
        if self.command == "HEAD":
            return
        if path in self.hub.stall:
            self.wfile.write(data[begin : len(data) // 2])
            self.hub.stalled += 1
            time.sleep(30)
            return
        faults = self.hub.break_after.get(path, [])
        if faults:
            self.wfile.write(data[begin : begin + faults.pop(0)])
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(2)
        else:
            self.wfile.write(data[begin:])

    # A push

    def _create(self) -> None:
        asked = json.loads(self.body)
        name = f"{asked['organization']}/{asked['name']}"
        if not self._may():
            self._send(401, {"error": "Invalid credentials"}, {"X-Error-Message": "Invalid user"})
        elif name in self.hub.repositories:
            self._send(409, {"error": "exists", "url": f"{self.hub.url}/{name}"})
        else:
            made = Repository(
                private=asked.get("visibility") == "private" or bool(asked.get("private"))
            )
            made.commit({".gitattributes": b"*.safetensors filter=lfs\n"})
            self.hub.repositories[name] = made
            self._send(200, {"url": f"{self.hub.url}/{name}", "name": name})

    def _branch(self, name: str, repository: Repository, branch: str) -> None:
        if branch in repository.branches:
            self._send(409, {"error": "exists"})
        else:
            repository.branches[branch] = repository.branches["main"]
            self._send(200, {})

    def _preupload(self, name: str, repository: Repository, revision: str) -> None:
        files = json.loads(self.body)["files"]
        modes = [
            {
                "path": file["path"], "shouldIgnore": False,
                "uploadMode": "lfs" if _is_large(file["path"]) else "regular",
            }
            for file in files
        ]  # fmt: skip
        self._send(200, {"files": modes})

    def _lfs_batch(self) -> None:
        objects = [
            {**asked, "actions": {"upload": {"href": f"{self.hub.url}/lfs/{asked['oid']}"}}}
            for asked in json.loads(self.body)["objects"]
        ]
        self._send(200, {"transfer": "basic", "objects": objects})

    def _commit(self, name: str, repository: Repository, branch: str) -> None:
        files = {}
        for line in self.body.splitlines():
            item = json.loads(line)
            value = item["value"]
            if item["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif item["key"] == "lfsFile":
                files[value["path"]] = self.hub.uploads[value["oid"]]
        commit = repository.commit(files, branch)
        url = f"{self.hub.url}/{name}/commit/{commit}"
        self._send(200, {"commitUrl": url, "commitOid": commit, "success": True})

    # Who may, and what if not

    def _may(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {self.hub.token}"

    def _open(self, name: str, *, to_write: bool = False) -> Repository | None:
        """The repository, if there is one that this request may see; else it is answered here."""
        repository = self.hub.repositories.get(name)
        if repository is None or (repository.private and not self._may()):
            self._send(401, {}, {"X-Error-Code": "RepoNotFound"})
        elif repository.gated and not self._may():
            self._send(403, {}, {"X-Error-Code": "GatedRepo"})
        elif to_write and not self._may():
            self._send(403, {}, {"X-Error-Message": "You may not write here"})
        else:
            return repository
        return None

    def _tree(self, repository: Repository, revision: str) -> tuple[str, dict[str, bytes]] | None:
        commit = repository.branches.get(revision, revision)
        if commit in repository.commits:
            return commit, repository.commits[commit]
        self._send(404, {}, {"X-Error-Code": "RevisionNotFound"})
        return None

    def _blob(self, digest: str) -> bytes:
        trees = [tree for r in self.hub.repositories.values() for tree in r.commits.values()]
        files = [data for tree in trees for data in tree.values()]
        return next(data for data in files if hashlib.sha256(data).hexdigest() == digest)

    def _send(self, status: int, answer: Any, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(answer).encode()
        self.send_response(status)
        for key, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def _is_large(path: str) -> bool:
    """What the Hub keeps out of git."""
    return path.endswith((".safetensors", ".bin", ".pt"))


def _is_download(method: str, path: str) -> bool:
    return method == "GET" and (
        path.startswith("/cdn/") or ("/resolve/" in path and not _is_large(path))
    )


def _git_hash(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def _entry(path: str, data: bytes, key: str) -> dict[str, Any]:
    """A file as the tree (`path`) and the model's state (`rfilename`) tell of it."""
    oid = _git_hash(data)
    entry: dict[str, Any] = {
        "type": "file", key: path, "size": len(data), "oid": oid, "blobId": oid
    }  # fmt: skip
    if _is_large(path):
        digest = hashlib.sha256(data).hexdigest()
        entry["lfs"] = {"oid": digest, "sha256": digest, "size": len(data), "pointerSize": 134}
    return entry
