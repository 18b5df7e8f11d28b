"""Stage one: the PSGAN network, its losses, its sampler."""

from pgvgen.motion.config import PSGANConfig
from pgvgen.motion.driving import drive
from pgvgen.motion.generate import generate_motion
from pgvgen.motion.psgan import PSGAN

__all__ = ["PSGAN", "PSGANConfig", "drive", "generate_motion"]
