"""SCGAN, stage two (Section 3.3, Fig. 4): video frames from one photo and poses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from pgvgen.pretrained import PretrainedModel
from pgvgen.rendering.encoders import Stream
from pgvgen.rendering.painted import PaintedGenerator
from pgvgen.rendering.transport import Scene
from pgvgen.rendering.transported import Answer, TransportedGenerator


@dataclass(frozen=True)
class SCGANConfig:
    """What rebuilds the network.

    Attributes:
        generator: `painted`, the paper's encoder-decoder, or `transported`, soft masks over the
            photo's moved parts.
        keypoints: joints a pose.
        size: the frame's edge in px, a multiple of 16; of painted frames at least 32.
        heatmap: the pose heatmaps' edge in px.
        width: channels of the first layer.
        blocks: residual blocks on the joined features.
        shared: whether the two pose encoders share their last convolution, as in Fig. 4.
    """

    generator: Literal["painted", "transported"] = "transported"
    keypoints: int = 18
    size: int = 128
    heatmap: int = 64
    width: int = 24
    blocks: int = 3
    shared: bool = True

    def __post_init__(self) -> None:
        if not 16 <= self.size <= 4096 or not 4 <= self.heatmap <= 4096:
            raise ValueError(f"pictures of {self.size} px and poses of {self.heatmap} px: too odd")
        if self.size % 16 or (self.size < 32 and self.generator == "painted"):
            raise ValueError(f"size is {self.size}: a multiple of 16, at least 32 to paint")


class SCGAN(PretrainedModel):
    """Paints frames of the person in a photo in given poses.

    Encode the photo once (`encode_photo`), then ask for frames (`paint` or `transport`, by the
    config's generator). Pictures are N×3×128×128 in [−1, 1], poses N×18×64×64 heatmaps in [0, 1].
    """

    stage = "scgan"
    config_class = SCGANConfig
    config: SCGANConfig

    def __init__(self, config: SCGANConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or SCGANConfig()
        make = PaintedGenerator if config.generator == "painted" else TransportedGenerator
        self.generator = make(
            config.keypoints, config.size, config.width, config.blocks, shared=config.shared
        )

    def encode_photo(self, photo: Tensor) -> Tensor:
        """The photo's features, once a photo: 1×3×128×128 in [−1, 1] → 1×C×8×8."""
        return self.generator.encode_photo(photo)

    def paint(self, features: Tensor, heatmaps: Tensor, stream: Stream = "predicted") -> Tensor:
        """Frames N×3×128×128 of the painted generator (Eq. 4 and 5)."""
        assert isinstance(self.generator, PaintedGenerator)
        return self.generator(features, heatmaps, stream)

    def transport(
        self,
        features: Tensor,
        scene: Scene,
        transforms: Tensor,
        usable: Tensor,
        heatmaps: Tensor,
        stream: Stream = "predicted",
    ) -> Answer:
        """Masks and frames of the transported generator; see `TransportedGenerator.forward`."""
        assert isinstance(self.generator, TransportedGenerator)
        return self.generator(features, scene, transforms, usable, heatmaps, stream)
