"""However a batch of photos is killed, started again it ends as if nothing had happened.

python -m tests.batch.many_photos 200 6    # the same with 200 photos and six kills
"""

from __future__ import annotations

from pathlib import Path

from tests.batch.many_photos import run_and_kill


def test_killed_at_random_moments_and_started_again(tmp_path: Path) -> None:
    did = run_and_kill(tmp_path, count=24, kills=2, seed=3)
    assert did["found at kills"], "it was never killed, so this proves nothing"
    assert did["videos"] == 23
