"""What belongs to a batch, and what its results are called."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from pgvgen.batch import Shard, find_inputs, name_results
from pgvgen.batch.inputs import is_many, root_of
from pgvgen.errors import InputError, UsageError

ENDINGS = (".jpg", ".png")


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = Path("photos")
    for name in (
        "b.jpg", "a.PNG", "notes.txt", ".hidden.jpg", "sub/deep/c d.jpg", ".git/e.jpg",
        "sub/'f'\n🙂.jpg", "out/a.jpg",
    ):  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def names(source: str, leave_out: Path | None = None) -> list[str]:
    return [i.name for i in find_inputs(source, ENDINGS, "picture", leave_out=leave_out)]


def test_a_folder_is_all_below_it_but_hidden_files_and_its_own_results(photos: Path) -> None:
    found = ["a.PNG", "b.jpg", "sub/'f'\n🙂.jpg", "sub/deep/c d.jpg"]
    assert names("photos", leave_out=photos / "out") == found
    assert names("photos/", leave_out=photos) == sorted([*found, "out/a.jpg"])
    assert is_many("photos")
    assert root_of("photos") == photos


def test_loops_of_links_end_and_links_elsewhere_are_followed(photos: Path) -> None:
    (photos / "loop").symlink_to("..")
    (photos / "sub" / "up").symlink_to("../sub")
    Path("elsewhere").mkdir()
    Path("elsewhere/x.jpg").touch()
    (photos / "album").symlink_to("../elsewhere")
    (photos / "self.jpg").symlink_to("self.jpg")
    (photos / "gone.jpg").symlink_to("nowhere.jpg")
    found = names("photos/", leave_out=photos / "out")
    assert "album/x.jpg" in found
    assert found.count("album/x.jpg") == 1
    assert {"self.jpg", "gone.jpg"} <= set(found), "they fail when they are read, not silently"
    assert sum(name.endswith("c d.jpg") for name in found) == 1


def test_what_cannot_be_read_is_an_input_with_a_problem(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(photos / "pipe.jpg")
    listdir = os.listdir

    def locked(folder: Path) -> list[str]:
        if Path(folder).name == "deep":
            raise PermissionError(13, "Permission denied")
        return listdir(folder)

    monkeypatch.setattr(os, "listdir", locked)
    problems = {i.name: i.problem for i in find_inputs("photos", ENDINGS, "picture") if i.problem}
    assert set(problems) == {"pipe.jpg", "sub/deep"}
    assert "Permission denied" in str(problems["sub/deep"])


def test_globs_are_expanded_and_names_begin_after_the_last_plain_folder(photos: Path) -> None:
    assert is_many("photos/**/*.jpg")
    assert names("photos/**/*.jpg") == ["b.jpg", "out/a.jpg", "sub/'f'\n🙂.jpg", "sub/deep/c d.jpg"]
    assert names("photos/s*/deep/*") == ["sub/deep/c d.jpg"]
    assert names("photos/**/*.jpg", photos / "out") == [
        "b.jpg", "sub/'f'\n🙂.jpg", "sub/deep/c d.jpg",
    ]  # fmt: skip
    assert names("photos/out/*.jpg", photos / "out") == ["a.jpg"]
    assert names("photos/out/*.jpg", photos) == ["a.jpg"]
    assert root_of("photos/s*/deep/*") == photos
    with pytest.raises(InputError, match="matches no picture"):
        names("photos/*.gif")
    with pytest.raises(InputError, match="goes up"):
        names("photos/*/../../*.jpg")


def test_a_glob_takes_a_file_once(photos: Path) -> None:
    once = names("photos/**/*.jpg")
    assert names("photos/**/**/*.jpg") == once
    (photos / "loop").symlink_to(".")
    (photos / "a").symlink_to("sub")
    found = names("photos/**/*.jpg")
    assert found == ["a/'f'\n🙂.jpg", "a/deep/c d.jpg", "b.jpg", "out/a.jpg"]


def test_a_file_that_is_called_like_a_glob_or_a_list_is_a_file(photos: Path) -> None:
    for name in ("what?.jpg", "@home.jpg", "a[1].jpg"):
        Path(name).touch()
        assert not is_many(name)
    assert not is_many("-")
    with pytest.raises(UsageError, match="shell variable"):
        is_many("")


def test_lists_take_what_is_there_and_lead_nowhere_else(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = (
        f"photos/b.jpg\n./photos/b.jpg\n\n{tmp_path}/photos/a.PNG\n../../up.jpg\nphotos\n/x.jpg\n"
    )
    Path("list.txt").write_text(listed)
    found = {i.name: i for i in find_inputs("@list.txt", ENDINGS, "picture")}
    up = str((tmp_path / "../../up.jpg").resolve())[1:]
    assert list(found) == ["photos/b.jpg", "photos/a.PNG", up, "photos", "x.jpg"]
    assert not any(Path(name).is_absolute() or ".." in Path(name).parts for name in found)
    assert found["photos"].problem
    assert found[up].path == Path("../../up.jpg")

    nulls = b"photos/sub/'f'\n\xf0\x9f\x99\x82.jpg\0photos/\xff.jpg\0"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(nulls)))
    first, second = find_inputs("@-", ENDINGS, "picture")
    assert first.path.is_file()
    assert os.fsencode(second.path) == b"photos/\xff.jpg"
    Path("empty.txt").touch()
    for list_ in ("@empty.txt", "@missing.txt"):
        with pytest.raises(InputError, match="list"):
            find_inputs(list_, ENDINGS, "picture")


def test_results_keep_names_and_folders_and_never_meet() -> None:
    given = ["a.jpg", "a.png", "a.jpg.png", "sub/a.jpg", "B.jpg", "b.JPG", "c.jpg", "d.tar.jpg"]
    results = name_results(given, "-wave.mp4")
    assert results["c.jpg"] == "c-wave.mp4"
    assert results["sub/a.jpg"] == "sub/a-wave.mp4"
    assert results["d.tar.jpg"] == "d.tar-wave.mp4"
    assert (results["a.jpg"], results["a.png"]) == ("a.jpg-wave.mp4", "a.png-wave.mp4")
    assert results["a.jpg.png"] == "a.jpg.png-wave.mp4"
    assert len({result.casefold() for result in results.values()}) == len(given) - 1
    assert len(set(results.values())) == len(given)


def test_shards_are_a_partition_that_depends_on_the_name_alone() -> None:
    shards = [Shard.parse(f"{i}/4") for i in (1, 2, 3, 4)]
    photos = [f"photo {i}.jpg" for i in range(400)]
    parts = [[name for name in photos if shard.has(name)] for shard in shards]
    assert sorted(name for part in parts for name in part) == sorted(photos)
    assert all(60 < len(part) < 140 for part in parts)
    assert Shard(12679339443910282918 % 8 + 1, 8).has("photo.jpg"), "on every machine, for ever"
    assert shards[0].has("caf\u00e9.jpg") == shards[0].has("cafe\u0301.jpg")
    assert Shard().report == "report.jsonl"
    assert len({shard.report for shard in shards}) == 4
    for text in ("0/4", "5/4", "1", "a/b", "1/0", "-1/4"):
        with pytest.raises(UsageError, match="--shard"):
            Shard.parse(text)
