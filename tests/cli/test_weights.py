"""`pgvgen weights` and `--weights org/name`, through the real client and a Hub on loopback."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import save_file
from skimage.data import astronaut

from pgvgen.cli import _run
from pgvgen.motion import PSGAN
from pgvgen.motion.config import PSGANConfig
from pgvgen.pictures import write_image
from pgvgen.rendering.scgan import SCGAN, SCGANConfig
from tests import hub as hubs

Run = Callable[..., subprocess.CompletedProcess[str]]
CARD = "---\nlicense: mit\n---\n# Tiny {}\n\nLearnt nothing yet.\n"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small real networks of both stages, with a card each."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("released")
    PSGAN(PSGANConfig(("wave",), "keypoint", width=16)).save_pretrained(folder / "psgan")
    SCGAN(SCGANConfig(width=4, blocks=1)).save_pretrained(folder / "scgan")
    for stage in ("psgan", "scgan"):
        (folder / stage / "README.md").write_text(CARD.format(stage), encoding="utf-8")
    return folder


@pytest.fixture
def hub() -> Iterator[hubs.Hub]:
    with hubs.serve() as hub:
        yield hub


@pytest.fixture
def run(hub: hubs.Hub, tmp_path: Path) -> Run:
    """`pgvgen weights …` as a process whose Hub is the small one, with an empty cache."""

    def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pgvgen", "weights", *map(str, arguments)],
            capture_output=True, text=True, timeout=120, cwd=tmp_path, stdin=subprocess.DEVNULL,
            env=hub.environment(tmp_path / "home", **environment),
        )  # fmt: skip

    return run


@pytest.fixture
def run_here(
    hub: hubs.Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Run:  # fmt: skip
    """The same in this process, which is quicker."""
    for key, value in {
        "ENDPOINT": hub.url, "HF_HUB_CACHE": str(tmp_path / "home" / "hub"),
        "HF_HUB_OFFLINE": False, "HF_HUB_DISABLE_XET": True,
        "HUGGINGFACE_CO_URL_TEMPLATE": hub.url + "/{repo_id}/resolve/{revision}/{filename}",
    }.items():  # fmt: skip
        monkeypatch.setattr(constants, key, value)
    monkeypatch.setenv("HF_TOKEN", hub.token)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["pgvgen", "weights", *map(str, arguments)])
        code = _run()
        return subprocess.CompletedProcess(sys.argv, code, *capfd.readouterr())

    return run


def fails(done: subprocess.CompletedProcess[str], *words: str, code: int = 1) -> None:
    """It failed as a user may expect: one line that says why, nothing on stdout."""
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr


def same(folder: str, released: Path) -> None:
    """The folder holds what was released, byte for byte."""
    for file in ("config.json", "model.safetensors", "README.md"):
        for stage in ("psgan", "scgan"):
            fetched = Path(folder.strip(), stage, file)
            assert fetched.read_bytes() == (released / stage / file).read_bytes()


def test_fetch_brings_all_and_prints_the_folder(hub: hubs.Hub, run: Run, released: Path) -> None:
    hub.add("org/name", released)
    done = run("fetch", "org/name")
    assert (done.returncode, done.stderr) == (0, "org/name: as it is on the Hub\n")
    assert done.stdout.count("\n") == 1
    same(done.stdout, released)
    assert len(hub.downloads()) == 6

    again = run("fetch", "org/name", "--json", "-v")
    assert "psgan/model.safetensors of org/name: " in again.stderr
    answer = json.loads(again.stdout)
    assert answer["folder"] == done.stdout.strip()
    assert (answer["where"], answer["stages"]) == ("hub", ["psgan", "scgan"])
    assert len(hub.downloads()) == 6, "what is there is not downloaded again"

    listed = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    cached = [row for row in listed if row["where"] == "cache"]
    assert [(row["name"], row["stage"], row["licence"]) for row in cached] == [
        ("org/name", "psgan", "mit"), ("org/name", "scgan", "mit"),
    ]  # fmt: skip
    assert Path(cached[0]["folder"]).parent == Path(done.stdout.strip())


def test_a_newer_state_of_a_branch_is_fetched_and_a_pin_stays(
    hub: hubs.Hub, run_here: Run, released: Path, tmp_path: Path
) -> None:
    first = hub.add("org/name", released)
    newer = tmp_path / "newer"
    shutil.copytree(released, newer)
    (newer / "psgan" / "README.md").write_text(CARD + "More.\n", encoding="utf-8")
    assert run_here("fetch", "org/name", "-q").stdout.strip().endswith(first)
    second = hub.add("org/name", newer)
    hub.add("org/name", newer, branch="v2/beta")
    assert run_here("fetch", "org/name", "-q").stdout.strip().endswith(second)
    same(run_here("fetch", f"org/name@{first}", "-q").stdout, released)
    same(run_here("fetch", "org/name@v2/beta", "-q").stdout, newer)
    names = {json.loads(line)["name"] for line in run_here("list", "--json").stdout.splitlines()}
    assert f"org/name@{first}" in names


def test_progress_is_shown_on_a_terminal_and_nowhere_else(
    hub: hubs.Hub, released: Path, tmp_path: Path
) -> None:
    hub.add("org/name", released)
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    line = [sys.executable, "-m", "pgvgen", "weights", "fetch", "org/name"]
    environment = hub.environment(tmp_path / "home", TERM="xterm")
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    try:
        while block := os.read(ours, 4096):
            shown += block
    except OSError:
        pass  # how Linux tells that the other end was closed
    os.close(ours)
    assert process.wait(timeout=60) == 0
    assert b"100%" in shown
    assert b"%" not in process.stdout.read()  # type: ignore[union-attr]


def test_a_broken_download_goes_on_where_it_broke(
    hub: hubs.Hub, run_here: Run, released: Path, tmp_path: Path
) -> None:
    """To the library's block of 10 MiB."""
    large = tmp_path / "large"
    shutil.copytree(released, large)
    save_file({"x": torch.rand(5_000_000)}, large / "scgan" / "model.safetensors")
    hub.add("org/name", large)
    hub.break_after["scgan/model.safetensors"] = [11 << 20, 100]
    done = run_here("fetch", "org/name")
    assert (done.returncode, done.stderr) == (0, "org/name: as it is on the Hub\n")
    same(done.stdout, large)
    ranges = [r for _, path, r in hub.asked if path.endswith("scgan/model.safetensors") and r]
    assert ranges == [f"bytes={10 << 20}-"] * 2


def test_a_fetch_that_was_given_up_keeps_the_files_it_has(
    hub: hubs.Hub, run_here: Run, released: Path
) -> None:
    hub.add("org/name", released)
    hub.break_after["scgan/model.safetensors"] = [0] * 100
    fails(run_here("fetch", "org/name"), "org/name", "connection")
    hub.break_after.clear()
    hub.asked.clear()
    same(run_here("fetch", "org/name").stdout, released)
    assert hub.downloads() == ["model.safetensors", "README.md"], "and none of what had come"


def test_bytes_that_are_not_what_the_hub_says_are_refused_and_removed(
    hub: hubs.Hub, run_here: Run, released: Path
) -> None:
    hub.add("org/name", released)
    true = (released / "scgan" / "model.safetensors").read_bytes()
    hub.swap["scgan/model.safetensors"] = true[:-1] + bytes([true[-1] ^ 1])
    fails(run_here("fetch", "org/name"), "scgan/model.safetensors of org/name", "hash differs")
    here = [json.loads(line) for line in run_here("info", "org/name", "--json").stdout.splitlines()]
    assert [entry["stage"] for entry in here] == ["psgan"]
    hub.swap.clear()
    same(run_here("fetch", "org/name").stdout, released)


def test_a_spoilt_copy_in_the_cache_is_mended_by_fetch(
    hub: hubs.Hub, run_here: Run, released: Path
) -> None:
    hub.add("org/name", released)
    folder = Path(run_here("fetch", "org/name").stdout.strip())
    (folder / "scgan" / "model.safetensors").write_bytes(b"half")
    same(run_here("fetch", "org/name").stdout, released)


def test_ctrl_c_ends_a_download_at_once(hub: hubs.Hub, released: Path, tmp_path: Path) -> None:
    hub.add("org/name", released)
    hub.stall = {"scgan/model.safetensors"}
    process = subprocess.Popen(
        [sys.executable, "-m", "pgvgen", "weights", "fetch", "org/name"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=hub.environment(tmp_path / "home"),
    )  # fmt: skip
    while not hub.stalled:
        time.sleep(0.05)
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=8) == (b"", b"")
    assert process.returncode == 130
    assert not list(tmp_path.rglob("*.incomplete"))


def test_without_a_network(hub: hubs.Hub, run: Run, run_here: Run, released: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{unused.getsockname()[1]}"
    fails(run("fetch", "org/name", HF_ENDPOINT=nobody), "org/name", "check the connection")
    fails(run_here("info", "org/name"), "pgvgen weights fetch org/name")
    hub.add("org/name", released)
    folder = run_here("fetch", "org/name").stdout
    done = run("fetch", "org/name", HF_HUB_OFFLINE="1")
    assert (done.returncode, done.stdout) == (0, folder)
    assert done.stderr == "the Hub cannot be reached: this is org/name as it was fetched before\n"
    fails(run("fetch", "org/other", HF_HUB_OFFLINE="1"), "HF_HUB_OFFLINE is set")
    hub.down = True
    assert run_here("fetch", "org/name").stdout == folder
    fails(run_here("fetch", "org/other"), "503")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("org/nothing", "no such repository"),
        ("org/private", "no such repository, or a private one"),
        ("org/gated", "its owner wants to be asked first"),
        ("org/name@nowhere", "no revision 'nowhere'"),
        ("org/name@../../x", "a revision is a branch, a tag or a commit"),
        ("org/name@", "a revision is"),
        ("org/na--me", "neither a folder nor an id on the Hub"),
        ("org/with spaces", "neither a folder nor an id"),
        ("org/\x00", "neither a folder nor an id"),
        ("org/line\nbreak", "neither a folder nor an id"),
        ("x/" * 3000, "there can be no weights"),
        ("action@v1", "no revisions: leave out @v1"),
        ("nothing", "there are no weights 'nothing': bundled are action"),
        ("org/pickles", "only a pickle (pytorch_model.bin)"),
        ("org/empty", "holds no pgvgen weights"),
        ("org/half", "has a config.json but no model.safetensors"),
    ],
)
def test_names_that_lead_nowhere(
    hub: hubs.Hub, run_here: Run, released: Path, name: str, words: str
) -> None:
    for repository in ("name", "private", "gated"):
        hub.add(f"org/{repository}", released)
    hub.repositories["org/private"].private = True
    hub.repositories["org/gated"].gated = True
    for repository, files in {
        "pickles": {"config.json": b"{}", "pytorch_model.bin": b"\x80\x04."},
        "empty": {"README.md": b"soon"},
        "half": {"scgan/config.json": b'{"stage": "scgan"}'},
    }.items():
        hub.repositories[f"org/{repository}"] = hubs.Repository()
        hub.repositories[f"org/{repository}"].commit(files)
    hub.token = "another"
    fails(run_here("fetch", name), words)


def test_a_token_opens_what_is_gated(hub: hubs.Hub, run: Run, released: Path) -> None:
    hub.add("org/gated", released)
    hub.repositories["org/gated"].gated = True
    done = run("fetch", "org/gated", HF_TOKEN=hub.token)
    same(done.stdout, released)


def test_push_and_fetch_again(hub: hubs.Hub, run: Run, run_here: Run, released: Path) -> None:
    done = run("push", released, "me/mine", "--private", HF_TOKEN=hub.token)
    assert (done.returncode, done.stdout) == (0, f"{hub.url}/me/mine\n"), done.stderr
    commit = re.search(r"--weights me/mine@([0-9a-f]{40})\n", done.stderr)
    assert commit is not None
    repository = hub.repositories["me/mine"]
    assert repository.private
    tree = repository.commits[commit[1]]
    assert {path for path in tree if "/" in path} == {
        f"{stage}/{file}"
        for stage in ("psgan", "scgan")
        for file in ("README.md", "config.json", "model.safetensors")
    }
    first_page = tree["README.md"].decode()
    assert "license: mit" in first_page
    assert "`pgvgen animate photo.jpg --action wave --weights me/mine`" in first_page
    assert "[scgan](scgan/README.md)" in first_page
    same(run_here("fetch", f"me/mine@{commit[1]}").stdout, released)


def test_push_to_a_branch_takes_only_what_belongs_to_weights(
    hub: hubs.Hub, run_here: Run, released: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(released / "scgan", mine)
    for other in ("checkpoint.pt", "log.csv", ".env"):
        (mine / other).write_text("mine alone")
    (mine / "LICENSE").write_text("MIT")
    done = run_here("push", mine, "me/mine", "--revision", "v2", "--json")
    answer = json.loads(done.stdout)
    assert answer["url"] == f"{hub.url}/me/mine/tree/v2"
    assert sorted(answer["files"]) == ["LICENSE", "README.md", "config.json", "model.safetensors"]
    repository = hub.repositories["me/mine"]
    assert sorted(repository.commits[repository.branches["v2"]])[1:] == sorted(answer["files"])
    assert repository.branches["main"] != repository.branches["v2"]


def spoil_nothing(folder: Path) -> None:
    shutil.rmtree(folder)


def spoil_weights(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def spoil_tensors(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])


def spoil_card(folder: Path) -> None:
    (folder / "README.md").unlink()


def spoil_licence(folder: Path) -> None:
    (folder / "README.md").write_text("# Mine\n\nNice weights.\n")


def spoil_config(folder: Path) -> None:
    (folder / "config.json").write_text('{"stage": "scgan", "width": 5}')


def spoil_safetensors(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoil_nothing, "is not a folder"),
        (spoil_weights, "holds no weights"),
        (spoil_tensors, "damaged or cut short"),
        (spoil_card, "learnt from"),
        (spoil_licence, "with a `license:`"),
        (spoil_config, "does not fit its config"),
        (spoil_safetensors, "only a pickle (pytorch_model.bin)"),
    ],
)
def test_what_does_not_load_is_not_pushed(
    hub: hubs.Hub, run_here: Run, released: Path, tmp_path: Path,
    spoil: Callable[[Path], None], words: str,
) -> None:  # fmt: skip
    mine = tmp_path / "mine"
    shutil.copytree(released / "scgan", mine)
    spoil(mine)
    fails(run_here("push", mine, "me/mine"), words)
    assert hub.asked == [], "before anything is uploaded"


def test_push_without_a_right_to(hub: hubs.Hub, run_here: Run, released: Path) -> None:
    hub.add("org/name", released)
    hub.token = "another"
    fails(run_here("push", released, "org/new"), "hf auth login")
    fails(run_here("push", released, "org/name"), "hf auth login")
    hub.asked.clear()
    for nonsense in ("a//b", "alone", "a/b@c@d"):
        fails(run_here("push", released, nonsense), repr(nonsense))
    assert hub.asked == []


def test_the_mixins_own_push_and_pull(hub: hubs.Hub, tmp_path: Path) -> None:
    """`push_to_hub` and `from_pretrained`, as a script of a user's has them."""
    script = """
import torch
from pgvgen import SCGAN
from pgvgen.pictures import write_image
from pgvgen.rendering.scgan import SCGANConfig
made = SCGAN(SCGANConfig(width=4, blocks=1))
made.push_to_hub("me/mine", token="hf_test")
made.push_to_hub("me/mine", branch="main", token="hf_test")
back = SCGAN.from_pretrained("me/mine")
pinned = SCGAN.from_pretrained("me/mine", revision="main", force_download=True)
for a, b, c in zip(made.parameters(), back.parameters(), pinned.parameters(), strict=True):
    assert torch.equal(a.half().float(), b) and torch.equal(b, c)
print(back.config)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120,
        env=hub.environment(tmp_path / "home"), check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "width=4" in done.stdout
    repository = hub.repositories["me/mine"]
    assert sorted(repository.commits[repository.branches["main"]]) == [
        ".gitattributes", "README.md", "config.json", "model.safetensors",
    ]  # fmt: skip


def test_info_of_a_folder_and_of_what_is_bundled(run_here: Run, released: Path) -> None:
    entries = [
        json.loads(line) for line in run_here("info", released, "--json").stdout.splitlines()
    ]
    assert [entry["stage"] for entry in entries] == ["psgan", "scgan"]
    counted = [
        sum(p.numel() for p in PSGAN.from_pretrained(released).parameters()),
        sum(p.numel() for p in SCGAN.from_pretrained(released).parameters()),
    ]
    assert [entry["parameters"] for entry in entries] == counted
    assert entries[0]["labels"] == ["wave"]
    assert entries[0]["licence"] == "mit"
    assert entries[0]["card"] == "# Tiny psgan\nLearnt nothing yet."
    assert entries[1]["config"]["width"] == 4
    shown = run_here("info", "action").stdout
    assert "not published on the Hub" in shown
    assert "wave" in shown
    fails(run_here("info", "org/name"), "pgvgen weights fetch org/name")


def test_list_names_what_ships(run_here: Run) -> None:
    listed = run_here("list")
    assert listed.stderr == ""
    rows = [line.split("\t") for line in listed.stdout.splitlines()]
    assert [row[:3] for row in rows] == [
        ["action", "psgan", "bundled"], ["action", "scgan", "bundled"],
        ["action-flow", "psgan", "bundled"],
    ]  # fmt: skip
    assert all(Path(row[-1]).is_dir() and row[4] != "-" for row in rows)


def test_list_passes_over_other_programs_models(
    hub: hubs.Hub, run_here: Run, released: Path, tmp_path: Path
) -> None:
    hub.add("org/name", released)
    assert run_here("fetch", "org/name").returncode == 0
    alien = tmp_path / "home" / "hub" / "models--bert--base" / "snapshots" / ("b" * 40)
    alien.mkdir(parents=True)
    (alien / "config.json").write_text('{"architectures": ["BertModel"]}')
    shutil.copy(released / "scgan" / "model.safetensors", alien)
    ours = Path(run_here("fetch", "org/name", "-q").stdout.strip())
    (ours / "psgan" / "README.md").unlink()
    (ours / "scgan" / "README.md").unlink()
    (ours / "scgan" / "README.md").write_text("---\n: [\n---\nNo YAML.\n")
    done = run_here("list", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, "")
    bundled = ["action", "action", "action-flow"]
    assert [row["name"] for row in rows] == [*bundled, "org/name", "org/name"]
    assert [row["licence"] for row in rows[3:]] == [None, None]


def test_the_readmes_section_runs_line_for_line(
    hub: hubs.Hub, released: Path, tmp_path: Path
) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## Weights and the Hub")[2].partition("\n## ")[0]
    script = re.findall(r"^```sh\n(.*?)^```", section, re.DOTALL | re.MULTILINE)[0]
    hub.add("org/name", released, branch="v1")
    hub.add("org/name", released)
    shutil.copytree(released, tmp_path / "mine")
    write_image(tmp_path / "photo.jpg", astronaut()[::2, ::2])
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, timeout=300,
        env=hub.environment(tmp_path / "home", HF_TOKEN=hub.token, PATH=path), cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"{hub.url}/org/name"
    assert (tmp_path / "photo-wave.mp4").is_file()
