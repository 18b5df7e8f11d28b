"""Read and write video: frames are uint8 H×W×3 RGB, one at a time, never all in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pgvgen import _ffmpeg
from pgvgen._files import atomic_path
from pgvgen.errors import InputError, OutputError, UsageError
from pgvgen.pictures import PICTURE_SUFFIXES, pictures_in, read_image, write_image

__all__ = [
    "PICTURE_SUFFIXES",
    "VIDEO_SUFFIXES",
    "Video",
    "check_video_name",
    "is_video",
    "open_video",
    "pictures_in",
    "read_image",
    "write_image",
    "write_video",
]

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

# One fixed number of threads: rate control depends on it, and the same frames shall give the same
# bytes on every machine. yuv420p and the index in front (+faststart) play everywhere.
_ENCODERS = {
    ".mp4": ["-c:v", "libx264", "-crf", "18", "-threads", "4", "-movflags", "+faststart", *_YUV],
    ".webm": ["-c:v", "libvpx-vp9", "-crf", "28", "-b:v", "0", "-cpu-used", "4", "-threads", "2",
              *_YUV],
    ".gif": ["-vf", "split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=bayer",
             "-threads", "1"],
}  # fmt: skip


@dataclass(frozen=True)
class Video:
    """A video file: iterate over it, as often as you like, for uint8 H×W×3 RGB frames.

    Attributes:
        path: the file.
        fps: frames a second of what the iteration yields.
        size: (width, height) in pixels, rotation applied.
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


def check_video_name(path: str | Path) -> None:
    """Fail now, before the work, if no video can be written under this name.

    Raises:
        UsageError: it ends in something else than .mp4, .gif or .webm.
    """
    if Path(path).suffix.lower() not in _ENCODERS:
        raise UsageError(f"{Path(path).name} does not end in .mp4, .gif or .webm")


def write_video(path: str | Path, frames: Iterable[np.ndarray], fps: float) -> None:
    """Write frames as H.264 (.mp4), VP9 (.webm) or an animated GIF, by the name's ending.

    Frames are encoded as they come. The same frames give the same bytes. H.264 wants even sides:
    an odd one is made even by repeating the last row or column.

    Args:
        path: seen only when it is complete.
        frames: uint8 H×W×3 RGB, all of one size, at least one.
        fps: frames a second.

    Raises:
        UsageError: an ending that is not known.
        OutputError: the place cannot be written, the disk is full, or there are no frames.
    """
    check_video_name(path)
    path = Path(path)
    suffix = path.suffix.lower()
    even = suffix == ".mp4"
    source = iter(frames)
    with atomic_path(path) as temporary:
        first = next(source, None)
        if first is None:
            raise OutputError(f"there are no frames to write to {path}")
        first = _prepare(first, even)
        height, width = first.shape[:2]
        try:
            with _ffmpeg.encoder(temporary, (width, height), fps, _ENCODERS[suffix]) as pipe:
                pipe.write(first.tobytes())
                for frame in source:
                    frame = _prepare(frame, even)
                    if frame.shape != first.shape:
                        raise ValueError(f"a frame is {frame.shape}, the first is {first.shape}")
                    pipe.write(frame.tobytes())
        except _ffmpeg.FfmpegError as error:
            raise OutputError(f"cannot write {path}: {error}") from None


def _prepare(frame: np.ndarray, even: bool) -> np.ndarray:
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
        raise ValueError(f"a frame is {frame.dtype} {frame.shape}, it must be uint8 H×W×3")
    height, width = frame.shape[:2]
    if even and (height % 2 or width % 2):
        frame = np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return frame
