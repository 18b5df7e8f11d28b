"""A seam that jumps is told from one that does not show."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pgvgen.evaluation.baselines import pose
from pgvgen.evaluation.body_metrics import limb_excess
from pgvgen.evaluation.held_out import some
from pgvgen.evaluation.long_motions import at_seams, long_row
from pgvgen.motion import PSGAN, generate_motion
from pgvgen.motion.config import PSGANConfig
from pgvgen.motion.coordinates import body_frame
from pgvgen.motion.segments import Writer
from pgvgen.poses.sequence import PoseSequence
from pgvgen.training.motion_examples import Example, example
from tests.training.tiny import STANDING

SEAMS = [32, 60, 80]


def moving(frames: int = 96) -> np.ndarray:
    """T×2×2: one step to the right a frame."""
    x = np.arange(frames, dtype=np.float64)[:, None].repeat(2, 1)
    return np.stack([x, np.zeros_like(x)], axis=-1)


def test_an_even_motion_has_no_seams() -> None:
    seams, elsewhere = at_seams(moving(), SEAMS, 6)
    assert seams.tolist() == pytest.approx([1, 1, 1])
    assert elsewhere.tolist() == pytest.approx([1] * len(elsewhere))


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("frame", [60, 63, 66])
def test_a_jump_within_a_seam_is_seen_there(order: int, frame: int) -> None:
    motion = moving()
    motion += 0.1 * np.random.default_rng(0).normal(size=motion.shape)
    motion[frame:] += 5
    seams, elsewhere = at_seams(motion, SEAMS, 6, order)
    assert seams[1] > 2
    assert max(seams[0], seams[2], *elsewhere) < 1.6
    no_seams, elsewhere = at_seams(motion, [32, 46, 80], 6, order)
    assert max(no_seams) < 1.6 < max(elsewhere)


def small_network() -> tuple[PSGAN, Example]:
    torch.manual_seed(0)
    config = PSGANConfig(("wave", "squat"), generator="flow", width=16, frames=16, steps=2)
    keypoints = torch.from_numpy(STANDING)[None, None].repeat(2, 16, 1, 1)
    known = torch.ones(2, 16, 18)
    known[1, :, 4] = 0  # a wrist that the start lacks stays away
    starts = example({
        "keypoints": keypoints, "known": known, "label": torch.tensor([0, 1]),
        "strength": torch.full((2,), 0.5), "given": torch.ones(2, dtype=torch.long),
    })  # fmt: skip
    return PSGAN(config).eval(), starts


def test_the_figures_of_a_small_network() -> None:
    psgan, starts = small_network()
    config = psgan.config
    row = long_row("untrained", psgan, starts, config.labels, seed=0)
    assert row == long_row("untrained", psgan, starts, config.labels, seed=0)
    assert row.values["lost"] == 0
    assert row.values["limb growth"] < 0.2  # on the person's own bones, whatever it wrote
    assert row.values["speed at seams"] > 0
    # It is what people get.
    start = pose(starts.start[:1], starts.present[:1], config.fps)
    made = generate_motion(start, "wave", frames=48, seed=0, psgan=psgan)
    body = body_frame(torch.tensor(made.keypoints[:1]), torch.ones(1, 18))
    placed = body.normalise(torch.tensor(made.keypoints)[None])
    growth = limb_excess(placed, torch.tensor(made.confidence)[None])[0]
    alone = long_row("untrained", psgan, some(starts, slice(1)), config.labels, seed=0)
    assert alone.values["limb growth"] == pytest.approx(growth.item())


def test_what_the_network_hardly_writes_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def faint(writer: Writer, label: str, frames: int) -> tuple[PoseSequence, list[int]]:
        written, seams = on_and_on(writer, label, frames)
        confidence = written.confidence.copy()
        confidence[24:, 7] = 0.1
        return written.replace(confidence=confidence), seams

    on_and_on = Writer.on_and_on
    monkeypatch.setattr(Writer, "on_and_on", faint)
    psgan, starts = small_network()
    row = long_row("untrained", psgan, starts, psgan.config.labels, seed=0)
    assert row.values["lost"] == pytest.approx(2 * 24 / (48 * (18 + 17)))
