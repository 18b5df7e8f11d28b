"""What a recipe says about stage two's training."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pgvgen.rendering.scgan import SCGANConfig
from pgvgen.training.abnormal import Abnormality
from pgvgen.training.frame_pairs import Augmentation
from pgvgen.training.settings import LoopSettings, check_range


@dataclass(frozen=True)
class SCGANLosses:
    """Objectives and optimisers, `[scgan.losses]`. The defaults are the paper's (Section 3.4).

    Attributes:
        streams: both poses (SCGAN), only the predicted (SCGAN-gen) or only the true one
            (SCGAN-gt): the rows of Table 5.
        reconstruction: λ of the L1 loss.
        adversarial: weight of Eq. 9 and 10; 0 trains no discriminator.
        which: with D_which (Eq. 6) where both streams are trained.
        person: how many times as much a pixel of the person counts in L1 and edges.
        edges: weight of the edge loss.
        perceptual: weight of the EfficientNet-Lite0 feature distance.
        indecision: weight of the masks' entropy (transported).
        painting: weight of the share that is painted, so that only holes are (transported).
        boldness: weight of what corrections of the masks exceed `REACH` by (transported).
        untaxed: steps at the beginning in which neither indecision nor painting costs anything:
            a network that paints nothing worth having yet gives it up within some hundred steps,
            for good (transported).
        unpainted: share of the steps in which nothing may be painted, as in large pictures
            (transported).
        begin: weights to begin from, as `--weights` names them; "" begins anew. Both streams
            begin with the pose encoder of inference, also where they no longer share a layer.
        repaint: begin with a painted layer as in an untrained network: one that was taxed away
            never comes back (transported).
        learning_rate, beta1: of Adam, for all networks.
        clip: the largest norm of the generator's gradient; 0 for none.
        decay: of the running average of the generator that is released; 0 releases the generator.
        discriminator_width: channels of the PatchGANs' first layer.
    """

    streams: Literal["both", "predicted", "true"] = "both"
    reconstruction: float = 10.0
    adversarial: float = 1.0
    which: bool = True
    person: float = 1.0
    edges: float = 0.0
    perceptual: float = 0.0
    indecision: float = 0.0
    painting: float = 0.0
    boldness: float = 0.0
    untaxed: int = 0
    unpainted: float = 0.0
    begin: str = ""
    repaint: bool = False
    learning_rate: float = 1e-3
    beta1: float = 0.9
    clip: float = 0.0
    decay: float = 0.0
    discriminator_width: int = 64

    def __post_init__(self) -> None:
        weights = ("reconstruction", "adversarial", "person", "edges", "perceptual")
        taxes = ("indecision", "painting", "boldness", "untaxed")
        check_range(self, ("learning_rate", "clip", *weights, *taxes), 0)
        check_range(self, ("beta1", "decay", "unpainted"), 0, 1)
        check_range(self, ("discriminator_width",), 1)


@dataclass(frozen=True)
class FrameData:
    """Which clips are learnt from and how they are varied, `[scgan.data]`.

    Attributes:
        shares: source → its weight in a batch; 1 where it is not named, 0 leaves it out.
        augmented: vary the pairs at all.
        augmentation: how.
        abnormality: how P̂ differs from P.
        predictions: how often P̂ is PSGAN's own prediction, where `train predict` made one.
    """

    shares: dict[str, float] = field(default_factory=dict)
    augmented: bool = True
    augmentation: Augmentation = field(default_factory=Augmentation)
    abnormality: Abnormality = field(default_factory=Abnormality)
    predictions: float = 1.0


@dataclass(frozen=True)
class SCGANRecipe:
    """How a stage two weight is made; a recipe's `[scgan.*]` tables. The defaults are the paper's.

    Attributes:
        model: the network.
        train: the loop.
        losses: objectives and optimisers.
        data: which clips.
    """

    model: SCGANConfig = field(
        default_factory=lambda: SCGANConfig(generator="painted", width=64, blocks=6)
    )
    train: LoopSettings = field(default_factory=lambda: LoopSettings(batch_size=128))
    losses: SCGANLosses = field(default_factory=SCGANLosses)
    data: FrameData = field(default_factory=FrameData)
