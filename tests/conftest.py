"""No test reaches the network, and none sees the user's cache."""

from __future__ import annotations

import os
import tempfile

if "PYTEST_XDIST_WORKER" in os.environ:  # a core each; torch would take all for every worker
    os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HOME"] = tempfile.mkdtemp(prefix="pgvgen-tests-")
os.environ.pop("PGVGEN_DEBUG", None)
