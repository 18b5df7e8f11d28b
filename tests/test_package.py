"""What is installed: the API, the console script, the weights inside the wheel."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import pgvgen

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "cv2", "PIL", "huggingface_hub", "ai_edge_litert", "controlnet_aux", "numpy"}


def imported_by(code: str) -> set[str]:
    listing = f"{code}\nimport sys; print('\\n'.join(sys.modules), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", listing], capture_output=True, text=True, check=True
    )
    return {line.partition(".")[0] for line in done.stderr.splitlines()}


def test_importing_the_package_imports_nothing_heavy() -> None:
    assert not imported_by("import pgvgen") & HEAVY


@pytest.mark.parametrize("name", pgvgen.__all__)
def test_public_names_are_there(name: str) -> None:
    thing = getattr(pgvgen, name)
    assert thing.__name__ == name
    assert thing.__doc__
    assert name in dir(pgvgen)


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = pgvgen.nonsense


def test_lazy_table_lists_every_public_name() -> None:
    assert sorted(pgvgen._HOMES) == sorted(pgvgen.__all__)


def test_wheel_holds_weights_types_and_licence(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = {info.filename: info.file_size for info in archive.infolist()}
    for file in (path for path in (ROOT / "weights").rglob("*") if path.is_file()):
        name = f"pgvgen/bundled/{file.relative_to(ROOT / 'weights').as_posix()}"
        assert inside.get(name) == file.stat().st_size, f"{name} is missing"
    assert "pgvgen/py.typed" in inside
    assert any(name.endswith("licenses/LICENSE") for name in inside)
    assert not any(name.startswith(("tests", "train")) for name in inside)
