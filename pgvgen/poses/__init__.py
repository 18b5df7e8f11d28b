"""What a pose is: skeletons, sequences and their file, heatmaps, retargeting, drawing."""

from pgvgen.poses.sequence import PoseSequence
from pgvgen.poses.skeletons import BODY_18, FACE_68, SKELETONS, Skeleton

__all__ = ["BODY_18", "FACE_68", "SKELETONS", "PoseSequence", "Skeleton"]
