"""Calls of `pgvgen` with bad input, each made from sound material by chance alone."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np
from PIL import Image
from skimage.data import astronaut

from pgvgen.motion.config import PSGANConfig
from pgvgen.motion.psgan import PSGAN
from pgvgen.poses.estimators import estimate_pose
from pgvgen.rendering.scgan import SCGAN, SCGANConfig
from pgvgen.training.psgan import PSGANRecipe
from pgvgen.training.recipe import dump_recipe
from pgvgen.video import write_video
from tests.fuzz import damage

PHOTO = cv2.resize(astronaut(), (160, 160), interpolation=cv2.INTER_AREA)

BVH = """HIERARCHY
ROOT Hips
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT Spine
  {
    OFFSET 0 20 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 0 10 0
    }
  }
}
MOTION
Frames: 3
Frame Time: 0.033
0 90 0 0 0 0 0 0 0
0 90 0 0 0 0 0 5 0
0 90 0 0 0 0 0 9 0
"""

NAMES = (
    "a b.png", "it's.png", 'say "hi".png', "new\nline.png", "👩‍🚀 é.png", "-o.png", "$(ls);.png",
    "tab\t.png", "a" * 251 + ".png", ".png", "..png", "a.PNG", "%s%n.png", "[red]x.png", "*.png",
    "@list.png", "~.png", "\udcff.png", "a\\b.png", "\x1b[31m.png", "con.png",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A call in a folder that holds `photo.png`, `pose.json`, `motion.json` and these files.

    Attributes:
        kind: of the input that is bad.
        line: the call's words after `pgvgen`; `{weights}` stands for sound, tiny weights.
        files: what else lies in the folder, by name; text is the target of a symbolic link.
        stdin: what is piped in.
        full: the results go to a disk that is nearly full.
    """

    kind: str
    line: tuple[str, ...]
    files: dict[str, bytes | str] = field(default_factory=dict)
    stdin: bytes = b""
    full: bool = False


class Material:
    """Sound input, made once.

    Attributes:
        files: what lies in every case's folder.
        weights: a folder with small untrained networks of both stages.
    """

    def __init__(self, folder: Path) -> None:
        start = estimate_pose(PHOTO)
        moved = start.keypoints + 2 * np.arange(4, dtype=np.float32)[:, None, None]
        motion = start.replace(keypoints=moved, confidence=np.repeat(start.confidence, 4, 0))
        self.weights = folder / "weights"
        psgan = PSGANConfig(("wave", "bow"), generator="keypoint", recurrent="none", width=16)
        PSGAN(psgan).save_pretrained(self.weights / "psgan")
        SCGAN(SCGANConfig(width=8, blocks=1)).save_pretrained(self.weights / "scgan")
        start.save(folder / "pose.json")
        motion.replace(label="wave").save(folder / "motion.json")
        self.clips = {}
        for suffix in (".mp4", ".webm", ".gif"):
            write_video(folder / f"clip{suffix}", [PHOTO] * 3, 10)
            self.clips[suffix] = (folder / f"clip{suffix}").read_bytes()
        self.files = {
            "photo.png": picture(Image.fromarray(PHOTO), "png"),
            **{name: (folder / name).read_bytes() for name in ("pose.json", "motion.json")},
        }
        self.pose, self.motion = (
            json.loads(self.files[name]) for name in ("pose.json", "motion.json")
        )
        self.recipe = dump_recipe("psgan", PSGANRecipe())
        self.stages = {
            stage: [(self.weights / stage / file).read_bytes() for file in STORED]
            for stage in ("psgan", "scgan")
        }


STORED = ("config.json", "model.safetensors")
PAINT = ("--weights", "{weights}", "--size", "32")
ACTION = ("--action", "wave", "--frames", "4", "--weights", "{weights}")


def pose_file(of: Material, rng: Random) -> Case:
    """A pose file, or a folder of OpenPose's, where a start, a motion or a driver is wanted."""
    bad = damage.json_of(rng.choice((of.pose, of.motion, of.motion["frames"])), rng)
    out = rng.choice(("o.json", "o.json", "o.csv", "o.npz", "o/", "o.png"))
    lines = (
        ("motion", "bad.json", *ACTION, "-o", out),
        ("motion", "-", *ACTION, "-o", out),
        ("motion", "bad.json", *ACTION),
        ("motion", "bad", *ACTION, "-o", "o.json"),
        ("motion", "pose.json", "--motion", "bad.json", "-o", out),
        ("render", "photo.png", "bad.json", *PAINT, "-o", "o.gif"),
        ("render", "photo.png", "bad.json", *PAINT),
    )
    line = rng.choice(lines[:5] if rng.random() < 0.9 else lines[5:])  # painting takes its time
    files = {f"bad/{t:012}_keypoints.json": bad for t in range(2)}
    return Case("pose", line, {"bad.json": bad, **files}, bad)


def photo(of: Material, rng: Random) -> Case:
    """A picture of any mode, format and size, damaged or not, under any ending."""
    name = "bad" + rng.choice(
        (".png", ".jpg", ".webp", ".tiff", ".bmp", ".gif", ".txt", "", ".json")
    )
    data = rng.choice((_any_picture, _any_picture, _any_picture, _bomb))(rng)
    lines = (
        ("pose", name, "-o", "o.json"),
        ("pose", "-", "-o", "o.csv"),
        ("pose", name, "--all-people", "-o", "o.json"),
        ("pose", name, "-o", "o.json", "--preview", "seen.png"),
        ("motion", name, *ACTION, "-o", "o.json"),
        ("animate", name, *ACTION, "-o", "o.gif", "--size", "32"),
        ("render", name, "motion.json", *PAINT, "-o", "o.gif"),
    )
    return Case("picture", rng.choice(lines), {name: data}, data)


def video(of: Material, rng: Random) -> Case:
    """A video, damaged, or motion capture, where poses are sought."""
    suffix = rng.choice(sorted(of.clips))
    name = "bad" + rng.choice((suffix, suffix, ".mp4", ".avi", ".webm", ".mov"))
    lines = [
        ("pose", name, "-o", "o.json"),
        ("pose", name, "-o", "o.json", "--fps", "2"),
        ("motion", "pose.json", "--motion", name, "-o", "o.json"),
    ]
    files = {name: damage.bytes_of(of.clips[suffix], rng)}
    if rng.random() < 0.6:
        lines = [("motion", "pose.json", "--motion", "bad.bvh", "-o", "o.json")]
        files = {"bad.bvh": damage.bytes_of(BVH.encode(), rng)}
    return Case("video", rng.choice(lines), files)


def recipe(of: Material, rng: Random) -> Case:
    """A recipe that makes no sense, or a setting; there is no store, so nothing is ever trained."""
    bad = damage.toml_of(of.recipe, rng)
    line = ("train", "psgan", "--data", "nowhere", "-o", "run")
    if rng.random() < 0.2:
        key = rng.choice(("train.steps", "model.width", "train", "", "a.b.c", "train.steps.x", "="))
        weird = rng.choice(damage.WEIRD)
        text = str(weird)[:100].replace("\0", "").encode("utf-8", "replace").decode()
        return Case("recipe", (*line, "--set", f"{key}={text}"))
    return Case("recipe", (*line, "--recipe", "bad.toml"), {"bad.toml": bad})


def weights(of: Material, rng: Random) -> Case:
    """A config.json or a safetensors file that lies about itself."""
    stage = rng.choice(("psgan", "psgan", "scgan"))
    config, tensors = of.stages[stage]
    how = rng.randrange(4)
    if how <= 1:
        config = damage.json_of(json.loads(config), rng)
    elif how == 2:
        tensors = damage.bytes_of(tensors, rng)
    else:
        size = struct.unpack("<Q", tensors[:8])[0]
        head = damage.json_of(json.loads(tensors[8 : 8 + size]), rng)
        tensors = (
            struct.pack("<Q", rng.choice((len(head), len(head), 2**63, 0)))
            + head
            + tensors[8 + size :]
        )
    files = dict(zip((f"bad/{stage}/{file}" for file in STORED), (config, tensors), strict=True))
    lines = (
        (
            "motion",
            "pose.json",
            "--action",
            "wave",
            "--frames",
            "4",
            "--weights",
            "bad",
            "-o",
            "o.json",
        ),
        ("render", "photo.png", "motion.json", "--weights", "bad", "-o", "o.gif", "--size", "32"),
        ("weights", "info", "bad"),
    )
    pick = rng.choice((0, 2)) if stage == "psgan" else rng.choice((1, 2))
    return Case("weights", lines[pick], files)


def name(of: Material, rng: Random) -> Case:
    """A sound photo under a name that shells, terminals and file systems have trouble with."""
    called = rng.choice(NAMES)
    given = f"./{called}" if called[0] in "-@" else called
    files: dict[str, bytes | str] = {called: of.files["photo.png"]}
    lines = [
        ("pose", given, "-o", "o.json"),
        ("pose", given, "-o", f"{given}.json", "--json"),
        ("pose", given, "-o", f"sub/{called}/"),
        ("pose", f"missing{called}"),
        ("pose", ".", "-o", "results", "--json"),
        ("motion", given, *ACTION, "-o", f"{given}.csv", "--json"),
        ("animate", given, *ACTION, "--size", "32", "-o", f"{given}.gif", "--json"),
    ]
    if rng.random() < 0.3:
        loops = {
            "loop.png": "loop.png",
            "a.png": "b.png",
            "b.png": "a.png",
            "gone.png": "nowhere/x",
        }
        called = rng.choice(sorted(loops))
        files = {**loops, "folder": "."}
        lines = [
            ("pose", called),
            ("pose", "photo.png", "-o", called),
            ("pose", "folder", "-o", "r"),
        ]
    return Case("name", rng.choice(lines), files)


def place(of: Material, rng: Random) -> Case:
    """Results that cannot be written: a full disk, a file in the way, an odd name."""
    out = rng.choice(("o.json", "o.csv", "o.npz", "o/", "o.png", "sub/o.json"))
    lines = [
        ("pose", "photo.png", "-o", out, "--size", "4000x3000")
        if out == "o.png"
        else ("pose", "photo.png", "-o", out),
        (
            "motion",
            "pose.json",
            *ACTION[:2],
            "--frames",
            "900",
            *ACTION[4:],
            "-o",
            "o.json" if out == "o.png" else out,
        ),
        ("motion", "pose.json", *ACTION, "-o", "o.mp4", "--size", "1024x1024"),
        ("render", "photo.png", "motion.json", "--weights", "{weights}", "-o", "o/"),
        ("animate", "photo.png", *ACTION, "-o", "o.apng", "--grid", "g.png"),
    ]
    if rng.random() < 0.5:
        return Case("place", rng.choice(lines), full=True)
    bad = rng.choice(("photo.png/x.json", "x" * 300 + ".json", "../" * 3 + "photo.png/o.json", "",
                      "photo.png", ".", "/dev/null", "/dev/full", "/proc/x.json", " ", "..",
                      "photo.png/", "o.json/.."))  # fmt: skip
    return Case("place", ("pose", "photo.png", "-o", bad, *rng.choice(((), ("--overwrite",)))))


KINDS: dict[str, tuple[Callable[[Material, Random], Case], int]] = {
    "pose": (pose_file, 35),
    "picture": (photo, 25),
    "video": (video, 6),
    "recipe": (recipe, 14),
    "weights": (weights, 12),
    "name": (name, 4),
    "place": (place, 4),
}
"""What makes a case of a kind, and how often of a hundred."""


def picture(image: Image.Image, kind: str, **options: Any) -> bytes:
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def _any_picture(rng: Random) -> bytes:
    kind = rng.choice(("png", "jpeg", "webp", "tiff", "bmp", "gif", "ppm", "tga"))
    modes = {
        "png": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"), "jpeg": ("L", "RGB", "CMYK", "YCbCr"),
        "webp": ("RGB", "RGBA", "L"), "bmp": ("1", "L", "P", "RGB"), "gif": ("1", "L", "P", "RGBA"),
        "tiff": ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "I", "F"),
        "ppm": ("1", "L", "RGB"), "tga": ("1", "L", "P", "RGB", "RGBA"),
    }  # fmt: skip
    sizes = ((160, 160), (160, 160), (1, 1), (1, 700), (900, 2), (33, 47), (16, 16))
    image = Image.fromarray(PHOTO).resize(rng.choice(sizes))
    mode = rng.choice(modes[kind])
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    elif mode == "F":
        scaled = np.asarray(image.convert("L"), np.float32) / rng.choice((1, 255))
        scaled[0, 0] = rng.choice((0, np.nan, np.inf, -1e38))
        image = Image.fromarray(scaled)
    else:
        image = image.convert("RGB").convert(mode)
    options: dict[str, Any] = {}
    if kind in ("jpeg", "png", "webp", "tiff") and rng.random() < 0.3:
        exif = Image.Exif()
        exif[0x0112] = rng.choice((*range(10), 65535))
        options["exif"] = exif
    if kind in ("png", "gif", "webp", "tiff") and mode != "I;16" and rng.random() < 0.2:
        options |= {"save_all": True, "append_images": [image.rotate(90)] * 2}
    data = picture(image, kind, **options)
    return damage.bytes_of(data, rng) if rng.random() < 0.75 else data


def _bomb(rng: Random) -> bytes:
    """A PNG whose header promises more than its few bytes hold, or a machine has room for."""
    width, height = rng.choice(
        ((20_000, 20_000), (2**31 - 1, 1), (65535, 65535), (0, 5), (1, 2**31 - 1), (1000, 1000))
    )
    depth, colour = rng.choice(((1, 0), (8, 2), (16, 6), (8, 3), (3, 9)))
    rows = zlib.compress(bytes(rng.choice((10, 100_000, 3_000_000))))
    return png(width, height, depth, colour, rows, interlaced=rng.random() < 0.5)


def png(
    width: int, height: int, depth: int, colour: int, rows: bytes, *, interlaced: bool = False
) -> bytes:
    """A PNG of compressed rows, whatever its header says."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    )
