"""One photo of a person and the name of an action become a video.

    from pgvgen import animate
    animate("photo.jpg", "wave").save("photo-wave.mp4")

Each name is imported when it is first used, so that `import pgvgen` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pgvgen.animation import animate
    from pgvgen.motion import PSGAN, generate_motion
    from pgvgen.poses.estimators import estimate_pose
    from pgvgen.poses.sequence import PoseSequence
    from pgvgen.rendering.renderer import render
    from pgvgen.rendering.scgan import SCGAN

__all__ = [
    "PSGAN",
    "SCGAN",
    "PoseSequence",
    "animate",
    "estimate_pose",
    "generate_motion",
    "render",
]

_HOMES = {
    "PSGAN": "pgvgen.motion",
    "SCGAN": "pgvgen.rendering.scgan",
    "PoseSequence": "pgvgen.poses.sequence",
    "animate": "pgvgen.animation",
    "estimate_pose": "pgvgen.poses.estimators",
    "generate_motion": "pgvgen.motion",
    "render": "pgvgen.rendering.renderer",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'pgvgen' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
