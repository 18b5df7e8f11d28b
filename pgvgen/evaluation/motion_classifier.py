"""Which action is it? A small network over poses, which judges whether a motion is recognisable."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pgvgen.training.motion_examples import example
from pgvgen.training.motion_windows import MotionWindows

FEATURES = 64
"""What a motion's likeness is measured by: the width of the layer before the logits."""


class MotionClassifier(nn.Module):
    """A temporal convolution network on displacements and velocities.

    Args:
        keypoints: K.
        labels: n.
    """

    def __init__(self, keypoints: int, labels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *_layer(5 * keypoints, 96, kernel=5, stride=1),
            *_layer(96, 128, kernel=4, stride=2),
            *_layer(128, 160, kernel=4, stride=2),
        )
        self.narrow = nn.Sequential(nn.Dropout(0.3), nn.Linear(320, FEATURES), nn.ReLU())
        self.head = nn.Linear(FEATURES, labels)

    def features(self, motion: Tensor, present: Tensor) -> Tensor:
        """N×T×K×2 in `STEP`s (see `KeypointGenerator`), N×K → N×`FEATURES`."""
        seen = present[:, None, :, None]
        # Displacements from the mean pose, and velocities: the start pose, which generated motions
        # share with real ones, would tell too much.
        moved = (motion - motion.mean(1, keepdim=True)) * seen
        speed = functional.pad(motion.diff(dim=1), (0, 0, 0, 0, 1, 0)) * seen * 3
        joined = torch.cat([moved, speed, seen.expand(*motion.shape[:3], 1)], dim=-1)
        h = self.body(joined.flatten(2).transpose(1, 2))  # N×160×T/4
        return self.narrow(torch.cat([h.mean(-1), h.amax(-1)], dim=1))

    def forward(self, motion: Tensor, present: Tensor) -> Tensor:
        """As for `features` → logits N×n."""
        return self.head(self.features(motion, present))


def _layer(channels: int, out: int, *, kernel: int, stride: int) -> list[nn.Module]:
    convolution = nn.Conv1d(channels, out, kernel, stride, padding=(kernel - 1) // 2)
    return [convolution, nn.BatchNorm1d(out), nn.ReLU()]


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
            logits = network(batch.motion, batch.present)
            loss = functional.cross_entropy(logits, batch.label, label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return network.eval()
