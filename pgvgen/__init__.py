"""One photo of a person and the name of an action become a video.

    from pgvgen import animate
    animate("photo.jpg", "wave").save("photo-wave.mp4")

Each name is imported when it is first used, so that `import pgvgen` costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` is not imported for it: whoever types checks knows the name
if TYPE_CHECKING:
    from typing import Any

    from pgvgen.animation import animate
    from pgvgen.motion import PSGAN, drive, generate_motion
    from pgvgen.poses.estimators import estimate_pose
    from pgvgen.poses.sequence import PoseSequence
    from pgvgen.rendering.renderer import render
    from pgvgen.rendering.scgan import SCGAN

__all__ = [
    "PSGAN",
    "SCGAN",
    "PoseSequence",
    "animate",
    "drive",
    "estimate_pose",
    "generate_motion",
    "render",
]

_HOMES = {
    "PSGAN": "pgvgen.motion",
    "SCGAN": "pgvgen.rendering.scgan",
    "PoseSequence": "pgvgen.poses.sequence",
    "animate": "pgvgen.animation",
    "drive": "pgvgen.motion",
    "estimate_pose": "pgvgen.poses.estimators",
    "generate_motion": "pgvgen.motion",
    "render": "pgvgen.rendering.renderer",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'pgvgen' has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
