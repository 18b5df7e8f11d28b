"""Read and write video: frames are uint8 H×W×3 RGB, one at a time, never all in memory.

What is written may be H×W×4 RGBA, straight alpha, where the format keeps it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pgvgen import _ffmpeg
from pgvgen._files import (
    atomic_folder,
    atomic_path,
    check_folder,
    check_name,
    check_output,
    names_folder,
)
from pgvgen.errors import InputError, OutputError, UsageError
from pgvgen.poses.timing import check_fps

VIDEO_SUFFIXES = (
    ".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".gif", ".mpg", ".mpeg", ".wmv", ".flv",
    ".ts", ".3gp", ".ogv",
)  # fmt: skip

# HD's colour matrix, said in the file: players guess by the size of a file that does not say.
_YUV = [
    "-vf", "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+bitexact",
    "-pix_fmt", "yuv420p", "-colorspace", "bt709", "-color_primaries", "bt709",
    "-color_trc", "bt709", "-color_range", "tv",
]  # fmt: skip
_YUV_ALPHA = ["yuva420p" if option == "yuv420p" else option for option in _YUV]
_VP9 = ["-c:v", "libvpx-vp9", "-crf", "28", "-b:v", "0", "-cpu-used", "4", "-threads", "2"]

# One fixed number of threads: rate control depends on it, and the same frames shall give the same
# bytes on every machine. yuv420p and the index in front (+faststart) play everywhere.
_ENCODERS = {
    ".mp4": ["-c:v", "libx264", "-crf", "18", "-threads", "4", "-movflags", "+faststart", *_YUV],
    ".webm": [*_VP9, *_YUV],
    ".gif": ["-vf", "split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=bayer",
             "-threads", "1"],
    ".webp": ["-c:v", "libwebp_anim", "-quality", "85", "-f", "webp", "-loop", "0",
              "-threads", "1"],
    ".apng": ["-c:v", "apng", "-f", "apng", "-plays", "0", "-threads", "1"],
}  # fmt: skip

# VP9 keeps alpha in a second stream, which cannot have the frames that libvpx looks ahead to.
_WITH_ALPHA = _ENCODERS | {".webm": [*_VP9, "-auto-alt-ref", "0", *_YUV_ALPHA]}
del _WITH_ALPHA[".mp4"]

_GIF_FASTEST = 50
"""Frames a second: a GIF counts hundredths of one, and players take a single one for ten."""

_SEQUENCE = "frame_*.png"
_ENDINGS = ".mp4, .webm, .gif, .webp or .apng"


@dataclass(frozen=True)
class Video:
    """A video file: iterate over it, as often as you like, for uint8 H×W×3 RGB frames.

    Attributes:
        path: the file.
        fps: frames a second of what the iteration yields.
        size: (width, height) in pixels, rotation applied, pixels made square.
        length: about how many frames there are, told by the file's duration; None if it does
            not say.
    """

    path: Path
    fps: float
    size: tuple[int, int]
    length: int | None

    def __iter__(self) -> Iterator[np.ndarray]:
        return _ffmpeg.decode(self.path, self.fps)


def is_video(path: str | Path) -> bool:
    """Whether the name is a video's."""
    return Path(path).suffix.lower() in VIDEO_SUFFIXES


def open_video(path: str | Path, fps: float | None = None) -> Video:
    """Look into a video file.

    Args:
        path: any file that ffmpeg reads.
        fps: frames a second to be given, frames dropped or repeated as needed; the file's own if
            None. A variable frame rate is made constant.

    Raises:
        InputError: missing, not a video, or not one frame can be decoded. A video that was cut
            short gives the frames that are there.
    """
    path = Path(path)
    if not path.is_file():
        reason = "is a folder, not a video" if path.is_dir() else "is not there"
        raise InputError(f"{path} {reason}")
    try:
        found = _ffmpeg.probe(path)
    except _ffmpeg.FfmpegError as error:
        raise InputError(f"{path} {error}") from None
    fps = fps or found.fps or 25.0  # a file that does not say: the European default
    length = round(found.seconds * fps) or None
    return Video(path, fps, found.size, length)


def check_video_name(path: str | Path, *, transparent: bool = False) -> None:
    """Fail now, before the work, if no video can be written under this name.

    Raises:
        UsageError: it ends in nothing that is known, or in .mp4, which keeps no alpha; or it is a
            folder that cannot be replaced, such as `./`.
    """
    check_name(path)
    if names_folder(path):
        return
    suffix = Path(path).suffix.lower()
    if suffix not in _ENCODERS:
        # A `Path` could not end in a slash.
        folder = ", or in / for a folder of PNGs" if isinstance(path, str) else ""
        raise UsageError(f"{Path(path).name} does not end in {_ENDINGS}{folder}")
    if transparent and suffix not in _WITH_ALPHA:
        raise UsageError(f"{suffix} keeps no transparency: name a .webm with -o, or a folder/")


def check_video(
    path: str | Path,
    *,
    transparent: bool = False,
    overwrite: bool = True,
    source: str | Path | None = None,
) -> None:
    """Fail now, before the work, if the video could not be written.

    Args:
        path: what `write_video` is to write.
        transparent: whether the frames have alpha.
        overwrite: whether it may exist.
        source: the file or folder that it is made from, and which it must not replace.

    Raises:
        UsageError: as `check_video_name`.
        OutputError: it exists, or its place cannot be written.
    """
    check_video_name(path, transparent=transparent)
    if names_folder(path):
        check_folder(path, _SEQUENCE, overwrite=overwrite, source=source)
    else:
        check_output(path, overwrite=overwrite, source=source)


def write_video(path: str | Path, frames: Iterable[np.ndarray], fps: float) -> None:
    """Write frames as what the name ends in.

    H.264 (.mp4), VP9 (.webm), an animated GIF, WebP or PNG (.apng); or, where the name is text that
    ends in a slash, a folder with frame_000000.png, frame_000001.png, ….

    Frames are encoded as they come. The same frames give the same bytes. H.264 wants even sides:
    an odd one is made even by repeating the last row or column.

    Args:
        path: seen only when it is complete.
        frames: uint8 H×W×3 RGB, all of one size, at least one; or H×W×4 RGBA with straight alpha,
            which .mp4 cannot keep, and of which .gif keeps whether it is at least a half.
        fps: frames a second; of more than 50 some are left out in a .gif, which cannot have them.

    Raises:
        UsageError: an ending that is not known, or that keeps no alpha; or an fps that cannot be.
        OutputError: the place cannot be written, the disk is full, or there are no frames.
        ValueError: a frame is no such picture.
    """
    check_video_name(path)
    check_fps(fps)
    alike = _alike(frames)
    first = next(alike, None)
    if first is None:
        raise OutputError(f"there are no frames to write to {path}")
    check_video_name(path, transparent=first.shape[2] == 4)
    alike = itertools.chain([first], alike)
    if names_folder(path):
        from PIL import Image

        with atomic_folder(path, _SEQUENCE) as folder:
            for i, frame in enumerate(alike):
                Image.fromarray(frame).save(folder / _SEQUENCE.replace("*", f"{i:06}"))
    else:
        _encode(Path(path), alike, fps, first.shape)


def _encode(path: Path, frames: Iterator[np.ndarray], fps: float, shape: tuple[int, ...]) -> None:
    height, width, channels = shape
    suffix = path.suffix.lower()
    options = (_ENCODERS if channels == 3 else _WITH_ALPHA)[suffix]
    if suffix == ".gif" and fps > _GIF_FASTEST:
        options = [o.replace("split", f"fps={_GIF_FASTEST},split") for o in options]
    odd = ((0, height % 2), (0, width % 2), (0, 0)) if suffix == ".mp4" else ((0, 0),) * 3
    size = (width + odd[1][1], height + odd[0][1])
    with atomic_path(path) as temporary:
        try:
            with _ffmpeg.encoder(temporary, size, channels, fps, options) as pipe:
                for frame in frames:
                    pipe.write(np.pad(frame, odd, mode="edge").tobytes())
        except _ffmpeg.FfmpegError as error:
            raise OutputError(f"cannot write {path}: {error}") from None


def _alike(frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """The frames, as long as each is a picture of the first one's size."""
    first = None
    for frame in frames:
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] not in (3, 4):
            raise ValueError(f"a frame is {frame.dtype} {frame.shape}, it must be uint8 H×W×3 or 4")
        first = frame if first is None else first
        if frame.shape != first.shape:
            raise ValueError(f"a frame is {frame.shape}, the first is {first.shape}")
        yield frame
