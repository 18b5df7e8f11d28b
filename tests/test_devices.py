"""What there is to run on."""

import pytest
import torch

from pgvgen.devices import find_device
from pgvgen.errors import UsageError


def test_devices() -> None:
    assert find_device("cpu") == torch.device("cpu")
    assert find_device("auto").type in ("cpu", "cuda", "mps")
    for name in ("tpu", "cuda:99", "cpu:x", "cpu:", "cpu:01", "cpu:٣", ""):
        with pytest.raises(UsageError, match="there is no device"):
            find_device(name)
