"""Stage one's objectives and optimisers: a recipe's `[psgan.losses]` table."""

from __future__ import annotations

from dataclasses import dataclass

from pgvgen.training.settings import check_range


@dataclass(frozen=True)
class PSGANLosses:
    """The defaults are the paper's (Section 3.4).

    Attributes:
        learning_rate: Adam's.
        beta1, beta2: Adam's.
        warm_up: steps over which the learning rate rises from 0.
        decay: the learning rate's share at the end, reached by half a cosine; 1 keeps it.
        adversarial: weight of Eq. 2 (heatmap) or the relativistic loss (keypoint); 0 is
            without an adversary: PSGAN-L1 (heatmap).
        reconstruction: λ, weight of Eq. 3 (heatmap) or of the nearest of motions (keypoint).
        alpha: α of Eq. 3: 10 for actions, 20 for faces.
        discriminator_base: channels of the discriminator's first layer.
        discriminator_rate: the discriminator's learning rate as a share of the generator's.
        discriminator_floor: a discriminator whose loss (of Eq. 1; 1.39 is guessing) is lower waits
            for the generator to catch up (heatmap).
        discriminator_told: show the discriminator label and start pose too, which Eq. 1 does
            not (heatmap).
        penalty: weight γ of R1 and R2 (keypoint).
        penalty_every: steps between penalties (keypoint).
        nearest_of: motions drawn for the nearest one (keypoint).
        drop_label: share of windows whose label is not told, for guidance (flow).
        ema: decay of the released running average; 0 releases the weights as they are.
        teacher: a released flow weight whose motions are the ones to be near to, noise by noise,
            instead of the nearest of several to the real one (keypoint); "" for none.
        begin: a released weight of the same shape to begin from; "" begins at random.
    """

    learning_rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    warm_up: int = 0
    decay: float = 1.0
    adversarial: float = 1.0
    reconstruction: float = 10.0
    alpha: float = 10.0
    discriminator_base: int = 64
    discriminator_rate: float = 1.0
    discriminator_floor: float = 0.0
    discriminator_told: bool = False
    penalty: float = 1.0
    penalty_every: int = 4
    nearest_of: int = 4
    drop_label: float = 0.12
    ema: float = 0.0
    teacher: str = ""
    begin: str = ""

    def __post_init__(self) -> None:
        weights = ("adversarial", "reconstruction", "alpha", "penalty", "discriminator_floor")
        check_range(self, ("learning_rate", "discriminator_rate", "warm_up", "decay", *weights), 0)
        check_range(self, ("beta1", "beta2", "drop_label", "ema"), 0, 1)
        check_range(self, ("discriminator_base", "penalty_every", "nearest_of"), 1)
