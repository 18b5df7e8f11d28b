"""What a PSGAN is made of: the part of its `config.json` that rebuilds the network."""

from __future__ import annotations

from dataclasses import dataclass, field

from pgvgen.poses.skeletons import SKELETONS

GENERATORS = ("heatmap", "keypoint", "flow")
RECURRENT = ("gru", "lstm", "none")


@dataclass(frozen=True)
class PSGANConfig:
    """The network's shape; the defaults are the paper's (Sections 3.2 and 3.4).

    Attributes:
        labels: the n actions, in the order of the one-hot vector.
        generator: `heatmap` is the paper's; `keypoint` writes the same sequence as coordinates in
            one adversarially trained pass, `flow` in a few steps of flow matching.
        skeleton: `body_18` or `face_68`.
        frames: T, the poses of one pass.
        fps: the frame rate that the motions were learnt at.
        recurrent: over the T maps, or the T poses' features, Table 1: `gru`, `lstm` or `none`.
        base: channels of the first convolution (heatmap only).
        blocks: residual blocks at the bottleneck (heatmap only).
        width: channels at full time resolution (keypoint and flow).
        steps: passes through the network a motion takes (flow).
        guidance: how far to go beyond the unlabelled answer, 1 is not at all (flow).
        guidance_of: labels that are done best with another guidance: it sets how far and how fast a
            motion goes, and one label is learnt more faintly than another.
        strength_of: labels whose takes differ much, and how energetic they are done best, 0 to 1;
            the others by 0.5.
    """

    labels: tuple[str, ...]
    generator: str = "heatmap"
    skeleton: str = "body_18"
    frames: int = 32
    fps: float = 15.0
    recurrent: str = "gru"
    base: int = 64
    blocks: int = 4
    width: int = 96
    steps: int = 8
    guidance: float = 2.0
    guidance_of: dict[str, float] = field(default_factory=dict)
    strength_of: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", tuple(self.labels))
        if self.generator not in GENERATORS:
            raise ValueError(f"generator is {self.generator!r}, one of {', '.join(GENERATORS)}")
        if self.recurrent not in RECURRENT:
            raise ValueError(f"recurrent is {self.recurrent!r}, one of {', '.join(RECURRENT)}")
        if self.skeleton not in SKELETONS:
            raise ValueError(f"skeleton is {self.skeleton!r}, one of {', '.join(SKELETONS)}")
        if min(self.frames, self.base, self.width, self.steps) < 1:
            raise ValueError("frames, base, width and steps are at least 1")
        if self.generator == "heatmap" and (self.frames < 16 or self.frames & (self.frames - 1)):
            raise ValueError(f"frames is {self.frames}, the paper's generator has 16, 32, 64, …")
        if self.generator != "heatmap" and (self.frames % 4 or self.width % 16):
            raise ValueError(
                f"frames is {self.frames} and width {self.width}: multiples of 4 and of 16"
            )
        if not 1 <= self.fps <= 240:
            raise ValueError(f"fps is {self.fps}: nothing moves so")
        for guidance in (self.guidance, *self.guidance_of.values()):
            if not abs(guidance) <= 100:
                raise ValueError(f"guidance is {guidance}: nothing moves so")
        for strength in self.strength_of.values():
            if not 0 <= strength <= 1:
                raise ValueError(f"strength is {strength}: it goes from 0 to 1")
