"""Videos play everywhere, the same frames are the same bytes, no half file is ever seen."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from imageio_ffmpeg import get_ffmpeg_exe
from PIL import Image
from skimage.data import astronaut

from pgvgen import _ffmpeg
from pgvgen.errors import InputError, OutputError, UsageError
from pgvgen.pictures import read_image
from pgvgen.video import (
    check_video,
    check_video_name,
    is_video,
    open_video,
    write_video,
)

PHOTO = np.ascontiguousarray(astronaut()[:120, 150:310])  # 120×160
FRAMES = [np.roll(PHOTO, 4 * i, axis=1) for i in range(12)]


def header(path: Path) -> str:
    done = subprocess.run([get_ffmpeg_exe(), "-i", str(path)], capture_output=True, text=True)
    return done.stderr


def test_mp4_gives_the_frames_back(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", FRAMES, 12)
    video = open_video(tmp_path / "a.mp4")
    assert (video.size, video.fps, video.length) == ((160, 120), 12, 12)
    for _ in range(2):  # it can be watched twice
        read = list(video)
        assert len(read) == 12
        assert (
            max(np.abs(a.astype(float) - b).mean() for a, b in zip(read, FRAMES, strict=True)) < 6
        )


def test_mp4_plays_everywhere(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", FRAMES, 12)
    assert "h264" in header(tmp_path / "a.mp4")
    assert "yuv420p(tv, bt709" in header(tmp_path / "a.mp4")
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "the index is not in front"


@pytest.mark.parametrize("colour", [(200, 40, 40), (30, 160, 60), (40, 60, 210), (128, 128, 128)])
def test_colours_survive(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    write_video(tmp_path / "a.mp4", [np.full((64, 64, 3), colour, np.uint8)] * 2, 5)
    (read, _) = open_video(tmp_path / "a.mp4")
    assert np.abs(read.astype(float) - colour).max() <= 4


@pytest.mark.parametrize("suffix", ["mp4", "webm", "gif", "webp", "apng"])
def test_same_frames_same_bytes(tmp_path: Path, suffix: str) -> None:
    for name in ("a", "b"):
        write_video(tmp_path / f"{name}.{suffix}", iter(FRAMES), 10)
    first = (tmp_path / f"a.{suffix}").read_bytes()
    assert first == (tmp_path / f"b.{suffix}").read_bytes()
    if suffix in ("webp", "apng"):
        assert Image.open(tmp_path / f"a.{suffix}").n_frames == 12  # type: ignore[attr-defined]
    else:
        assert len(list(open_video(tmp_path / f"a.{suffix}"))) == 12


def test_a_gif_is_as_long_as_it_should_be(tmp_path: Path) -> None:
    write_video(tmp_path / "a.gif", FRAMES * 5, 60)
    animation = Image.open(tmp_path / "a.gif")
    durations = []
    for i in range(animation.n_frames):  # type: ignore[attr-defined]
        animation.seek(i)
        durations.append(animation.info["duration"])
    assert min(durations) >= 20, "players show 10 ms for 100"
    assert sum(durations) == pytest.approx(1000, abs=40)


@pytest.mark.parametrize("suffix", ["mp4", "webm", "gif", "webp", "apng"])
def test_a_folder_may_be_called_like_a_pattern(tmp_path: Path, suffix: str) -> None:
    write_video(tmp_path / "50%d" / f"%03d.{suffix}", FRAMES[:2], 10)
    assert (tmp_path / "50%d" / f"%03d.{suffix}").stat().st_size > 0


def cut_out() -> list[np.ndarray]:
    """The frames, seen through a soft disk that moves."""
    y, x = np.mgrid[:120, :160]
    frames = []
    for i, frame in enumerate(FRAMES):
        alpha = np.clip((40 - np.hypot(y - 60, x - 50 - 5 * i)) / 8 + 0.5, 0, 1)
        frames.append(np.dstack([frame, np.rint(alpha * 255).astype(np.uint8)]))
    return frames


def test_webm_keeps_alpha(tmp_path: Path) -> None:
    write_video(tmp_path / "a.webm", cut_out(), 12)
    call = ["-v", "error", "-c:v", "libvpx-vp9", "-i", str(tmp_path / "a.webm")]
    raw = ["-f", "rawvideo", "-pix_fmt", "rgba", "-"]
    done = subprocess.run([get_ffmpeg_exe(), *call, *raw], capture_output=True, check=True)
    read = np.frombuffer(done.stdout, np.uint8).reshape(-1, 120, 160, 4).astype(float)
    wanted = np.stack(cut_out()).astype(float)
    assert read.shape == wanted.shape
    assert np.abs(read[..., 3] - wanted[..., 3]).mean() < 3
    seen = wanted[..., 3] == 255
    assert np.abs(read[seen] - wanted[seen]).mean() < 6


@pytest.mark.parametrize("suffix", ["webp", "apng", "gif"])
def test_animations_keep_alpha(tmp_path: Path, suffix: str) -> None:
    write_video(tmp_path / f"a.{suffix}", cut_out(), 10)
    animation = Image.open(tmp_path / f"a.{suffix}")
    for i, wanted in enumerate(cut_out()):
        animation.seek(i)
        read = np.asarray(animation.convert("RGBA"))
        if suffix == "gif":  # of which a pixel is there or not
            assert np.array_equal(read[..., 3] > 0, wanted[..., 3] >= 128)
        else:
            assert np.array_equal(read[..., 3], wanted[..., 3])
        seen = wanted[..., 3] == 255
        assert np.abs(read[seen].astype(float) - wanted[seen]).mean() < 8


def test_a_slash_means_a_folder_of_pictures(tmp_path: Path) -> None:
    folder = f"{tmp_path}/frames/"
    write_video(folder, FRAMES, 12)
    files = sorted((tmp_path / "frames").iterdir())
    assert [files[0].name, files[-1].name] == ["frame_000000.png", "frame_000011.png"]
    assert all(np.array_equal(read_image(f), a) for f, a in zip(files, FRAMES, strict=True))
    write_video(folder, cut_out()[:2], 12)  # replaces the whole
    assert len(list((tmp_path / "frames").iterdir())) == 2
    assert np.array_equal(np.asarray(Image.open(files[1])), cut_out()[1])
    with pytest.raises(OutputError, match="--overwrite"):
        check_video(folder, overwrite=False)
    with pytest.raises(ValueError, match="the first is"):
        write_video(folder, [PHOTO, PHOTO[:60]], 12)
    assert len(list((tmp_path / "frames").iterdir())) == 2


def test_mp4_cannot_be_transparent(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.webm"):
        check_video(tmp_path / "a.mp4", transparent=True)
    with pytest.raises(UsageError, match=r"\.webm"):
        write_video(tmp_path / "a.mp4", cut_out(), 12)
    assert list(tmp_path.iterdir()) == []


def test_odd_sides_become_even_by_repeating_the_edge(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", [frame[:119, :157] for frame in FRAMES], 12)
    video = open_video(tmp_path / "a.mp4")
    assert video.size == (158, 120)
    last = next(iter(video)).astype(float)
    assert np.abs(last[119, :157] - FRAMES[0][118, :157]).mean() < 12


def test_another_frame_rate_picks_frames(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", FRAMES, 12)
    video = open_video(tmp_path / "a.mp4", fps=6)
    read = list(video)
    assert (video.fps, len(read), video.length) == (6, 6, 6)
    nearest = [
        int(np.argmin([np.abs(frame.astype(float) - other).mean() for other in FRAMES]))
        for frame in read
    ]
    assert set(np.diff(nearest)) == {2}


def test_a_clip_shorter_than_a_frame_at_the_rate_is_its_first_frame(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", FRAMES[:2], 12)
    (read,) = open_video(tmp_path / "a.mp4", fps=1)
    assert np.abs(read.astype(float) - FRAMES[0]).mean() < 6


def test_rotation_is_applied(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", FRAMES, 12)
    call = ["-y", "-display_rotation", "90", "-i", str(tmp_path / "a.mp4"), "-c", "copy"]
    subprocess.run([get_ffmpeg_exe(), *call, str(tmp_path / "b.mp4")], check=True, timeout=60)
    video = open_video(tmp_path / "b.mp4")
    assert video.size == (120, 160)
    upright = np.rot90(FRAMES[0], 1)
    assert np.abs(next(iter(video)).astype(float) - upright).mean() < 6


def test_pixels_become_square(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", FRAMES, 12)
    call = ["-y", "-i", str(tmp_path / "a.mp4"), "-vf", "scale=120:120,setsar=4/3"]
    subprocess.run([get_ffmpeg_exe(), *call, str(tmp_path / "b.mp4")], check=True, timeout=60)
    video = open_video(tmp_path / "b.mp4")
    assert video.size == (160, 120)
    assert np.abs(next(iter(video)).astype(float) - FRAMES[0]).mean() < 9


def test_truncated_video_gives_what_is_there_or_one_line(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", FRAMES, 12)
    data = (tmp_path / "a.mp4").read_bytes()
    pictures = data.index(b"mdat")
    (tmp_path / "cut.mp4").write_bytes(data[: pictures + (len(data) - pictures) * 9 // 10])
    assert 0 < len(list(open_video(tmp_path / "cut.mp4"))) < 12
    for size, words in ((pictures + 500, "not one frame"), (pictures // 2, "or was cut short")):
        (tmp_path / "short.mp4").write_bytes(data[:size])
        with pytest.raises(InputError, match=words) as caught:
            open_video(tmp_path / "short.mp4")
        assert "\n" not in str(caught.value)


def test_what_is_no_video(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("I am no video")
    with pytest.raises(InputError, match="not a video that can be read"):
        open_video(tmp_path / "a.mp4")
    with pytest.raises(InputError, match="is not there"):
        open_video(tmp_path / "b.mp4")
    with pytest.raises(InputError, match="is a folder"):
        open_video(tmp_path)
    assert is_video("x/CLIP.MOV")
    assert not is_video("photo.jpg")


def test_a_reader_that_stops_early_leaves_no_process(tmp_path: Path) -> None:
    big = np.random.default_rng(0).integers(0, 255, (720, 1280, 3), np.uint8)
    write_video(tmp_path / "a.mp4", [big] * 8, 12)
    frames = iter(open_video(tmp_path / "a.mp4"))
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    children = Path("/proc/self/task").glob("*/children")
    running = {pid for file in children for pid in file.read_text().split()}
    assert not [p for p in running if "ffmpeg" in Path(f"/proc/{p}/cmdline").read_text()]


def test_failing_frames_leave_nothing(tmp_path: Path) -> None:
    def frames() -> Iterator[np.ndarray]:
        yield from FRAMES[:3]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_video(tmp_path / "a.mp4", frames(), 12)
    with pytest.raises(ValueError, match="the first is"):
        write_video(tmp_path / "a.mp4", [PHOTO, PHOTO[:60]], 12)
    with pytest.raises(ValueError, match="must be uint8"):
        write_video(tmp_path / "a.mp4", [PHOTO[..., 0]], 12)
    with pytest.raises(OutputError, match="no frames"):
        write_video(tmp_path / "a.mp4", [], 12)
    for fps in (0, float("nan")):
        with pytest.raises(UsageError, match="must be more than 0"):
            write_video(tmp_path / "a.mp4", FRAMES, fps)
    assert list(tmp_path.iterdir()) == []


def test_a_failing_encoder_is_an_output_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = _ffmpeg.command
    # an unknown encoder makes ffmpeg give up while frames are still coming
    monkeypatch.setattr(
        _ffmpeg, "command", lambda *rest: command(*["nope" if a == "libx264" else a for a in rest])
    )
    with pytest.raises(OutputError, match=r"cannot write .* Encoder not found"):
        write_video(tmp_path / "a.mp4", (PHOTO for _ in range(500)), 12)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_ending_is_told_before_any_frame_is_made(tmp_path: Path) -> None:
    def frames() -> Iterator[np.ndarray]:
        pytest.fail("a frame was made")
        yield PHOTO

    with pytest.raises(UsageError, match=r"\.mp4, \.webm, \.gif"):
        write_video(tmp_path / "a.xyz", frames(), 12)
    with pytest.raises(UsageError, match="or in / for a folder"):
        check_video_name("noending")
    with pytest.raises(UsageError, match=r"or \.apng$"):
        check_video_name(Path("noending/"))


def test_of_a_folder_on_a_full_disk_it_is_the_folder_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Image.Image, "save", save)
    with pytest.raises(OutputError, match=f"^cannot write {tmp_path}/a: No space left"):
        write_video(f"{tmp_path}/a/", FRAMES, 12)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_video_survives_a_failure(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", FRAMES, 12)
    before = (tmp_path / "a.mp4").read_bytes()
    with pytest.raises(ValueError, match="the first is"):
        write_video(tmp_path / "a.mp4", [PHOTO, PHOTO[:60]], 12)
    assert (tmp_path / "a.mp4").read_bytes() == before
