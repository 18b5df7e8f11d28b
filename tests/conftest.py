"""No test reaches the network, and none sees the user's cache."""

from __future__ import annotations

import os
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HOME"] = tempfile.mkdtemp(prefix="pgvgen-tests-")
os.environ.pop("PGVGEN_DEBUG", None)
