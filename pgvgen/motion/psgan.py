"""PSGAN: a start pose and an action label become T poses, as heatmaps and as keypoints."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from pgvgen.motion.config import PSGANConfig
from pgvgen.motion.coordinates import from_map, to_map
from pgvgen.motion.heatmap import HeatmapGenerator
from pgvgen.motion.keypoint import STEP, KeypointGenerator
from pgvgen.motion.sampling import sample
from pgvgen.poses.heatmaps import decode_heatmaps, draw_heatmaps
from pgvgen.poses.skeletons import SKELETONS
from pgvgen.pretrained import PretrainedModel


@dataclass(frozen=True, eq=False)
class Motion:
    """What PSGAN answers for N start poses.

    Attributes:
        keypoints: N×T×K×2 in the start pose's own coordinates (`BodyFrame.place` puts them back).
        confidence: N×T×K in [0, 1].
        written_maps: N×K×T×64×64 where the network wrote maps, else None.
    """

    keypoints: Tensor
    confidence: Tensor
    written_maps: Tensor | None = None

    @property
    def maps(self) -> Tensor:
        """N×K×T×64×64 in [0, 1]: the heatmaps of Section 3.2."""
        if self.written_maps is not None:
            return self.written_maps
        return draw_heatmaps(to_map(self.keypoints), self.confidence).transpose(1, 2)


class PSGAN(PretrainedModel):
    """The Pose Sequence GAN of Section 3.2 behind one contract, whichever generator it has.

    Args:
        config: which generator, for which labels and keypoints.

    Attributes:
        guidance: n, of each label (flow).
        strength: n, how energetic each label is done best.
    """

    stage = "psgan"
    config_class = PSGANConfig
    config: PSGANConfig
    guidance: Tensor
    strength: Tensor

    def __init__(self, config: PSGANConfig) -> None:
        super().__init__()
        self.config = config
        count, labels = len(SKELETONS[config.skeleton]), len(config.labels)
        each = [config.guidance_of.get(label, config.guidance) for label in config.labels]
        self.register_buffer("guidance", torch.tensor(each), persistent=False)
        best = [config.strength_of.get(label, 0.5) for label in config.labels]
        self.register_buffer("strength", torch.tensor(best), persistent=False)
        self.generator: HeatmapGenerator | KeypointGenerator
        if config.generator == "heatmap":
            self.generator = HeatmapGenerator(
                count,
                labels,
                frames=config.frames,
                recurrent=config.recurrent,
                base=config.base,
                blocks=config.blocks,
            )
        else:
            self.generator = KeypointGenerator(
                count,
                labels,
                frames=config.frames,
                width=config.width,
                recurrent=config.recurrent,
            )

    def forward(
        self,
        start: Tensor,
        present: Tensor,
        label: Tensor,
        *,
        strength: Tensor | None = None,
        rng: torch.Generator | None = None,
    ) -> Motion:
        """One motion for each start pose.

        Args:
            start: N×K×2, in its own coordinates (`BodyFrame.normalise`).
            present: N×K, 0 for a keypoint that the start pose lacks.
            label: N, indices into the config's labels.
            strength: N in [0, 1], how energetic among the takes of its action, `self.strength`
                by default; the paper's generator has none.
            rng: of the noise; the paper's generator has none.
        """
        if isinstance(self.generator, HeatmapGenerator):
            maps = draw_heatmaps(to_map(start), present)  # N×K×64×64
            one_hot = functional.one_hot(label, len(self.config.labels)).to(maps)
            written = self.generator(maps, one_hot)  # N×K×T×64×64
            keypoints, confidence = decode_heatmaps(written.transpose(1, 2))
            known = (present > 0)[:, None].to(confidence)
            return Motion(from_map(keypoints), confidence * known, written)
        shape = (len(start), self.config.frames, *start.shape[1:])
        # Drawn on the CPU, so that a seed means the same motion on every device.
        noise = torch.randn(shape, generator=rng).to(start)
        motion, given = torch.zeros_like(noise), torch.zeros_like(noise[:, :, 0, 0])
        given[:, 0] = 1  # nothing has moved yet
        one_pass = self.config.generator == "keypoint"
        motion = sample(
            self.generator,
            noise,
            motion,
            given,
            start,
            present,
            label,
            self.strength[label] if strength is None else strength,
            steps=1 if one_pass else self.config.steps,
            guidance=None if one_pass else self.guidance[label],
        )
        confidence = (present > 0)[:, None].expand(*motion.shape[:3]).to(motion)
        return Motion(start[:, None] + motion * STEP, confidence)
