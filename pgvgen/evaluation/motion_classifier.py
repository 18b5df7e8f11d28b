"""Which action is it? A small network over poses, which judges whether a motion is recognisable."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pgvgen.training.motion_examples import example
from pgvgen.training.motion_windows import MotionWindows


class MotionClassifier(nn.Module):
    """Convolutions over time on poses and displacements.

    Args:
        keypoints: K.
        labels: n.
    """

    def __init__(self, keypoints: int, labels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(5 * keypoints, 96, 5, padding=2),
            nn.ReLU(),
            nn.Conv1d(96, 128, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv1d(128, 160, 4, stride=2, padding=1),
            nn.ReLU(),
        )
        self.head = nn.Sequential(nn.Dropout(0.3), nn.Linear(320, labels))

    def forward(self, motion: Tensor, start: Tensor, present: Tensor) -> Tensor:
        """N×T×K×2 in `STEP`s, N×K×2, N×K (see `KeypointGenerator`) → logits N×n."""
        seen = present[:, None, :, None]
        # Velocities, and displacements from the mean pose: the start pose tells nothing on its own.
        moved = (motion - motion.mean(1, keepdim=True)) * seen
        speed = functional.pad(motion.diff(dim=1), (0, 0, 0, 0, 1, 0)) * seen * 3
        joined = torch.cat([moved, speed, seen.expand(*motion.shape[:3], 1)], dim=-1)
        h = self.body(joined.flatten(2).transpose(1, 2))  # N×160×T/4
        return self.head(torch.cat([h.mean(-1), h.amax(-1)], dim=1))


def train_classifier(
    windows: MotionWindows, keypoints: int, *, steps: int, seed: int = 0
) -> MotionClassifier:
    """A classifier trained on augmented windows; on the CPU the same seed gives the same one.

    Args:
        windows: of the training split.
        keypoints: K.
        steps: of Adam, one batch each.
        seed: of weights and batches; torch's global generator is left as it was.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = MotionClassifier(keypoints, len(windows.labels)).train()
        optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
        for step in range(steps):
            batch = example(windows.batch(np.random.default_rng([seed, step, 2])))
            logits = network(batch.motion, batch.start, batch.present)
            loss = functional.cross_entropy(logits, batch.label, label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return network.eval()
