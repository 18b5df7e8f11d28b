"""Processes that work ahead: what they raise is told as it is, and none outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from pgvgen.errors import InputError
from pgvgen.training.ahead import can_fork, map_ahead

pytestmark = pytest.mark.skipif(not can_fork(), reason="there are no such processes here")


def ended(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_what_a_call_raises_arrives_as_it_is() -> None:
    def call(number: int) -> int:
        if number == 3:
            raise InputError("frame 3 is missing: make the store anew")
        return number

    coming, seen = map_ahead(call, range(100), 2), []
    with pytest.raises(InputError) as caught:
        seen.extend(coming)
    assert seen == [0, 1, 2]
    assert str(caught.value) == "frame 3 is missing: make the store anew"


FAILS = """
import sys
from pgvgen.training.ahead import map_ahead

def call(number):
    if number == 3:
        raise {error}("gone")
    return number

error = None
try:
    list(map_ahead(call, range(100), 2))
except Exception as caught:
    error = caught  # with all that its traceback holds
"""


@pytest.mark.parametrize("error", ["OSError", "__import__('pgvgen').errors.InputError"])
def test_a_process_whose_workers_failed_ends(error: str) -> None:
    script = FAILS.replace("{error}", error)
    assert subprocess.run([sys.executable, "-c", script], timeout=120).returncode == 0


KILLED = """
import os, time
import numpy as np
from pgvgen.training.ahead import map_ahead

for worker in map_ahead(lambda n: (os.getpid(), np.zeros(10**6)), range(1000), 2):
    print(worker[0], flush=True)
    time.sleep(3600)
"""


def test_workers_are_killed_with_their_parent() -> None:
    """Also those that have more to say than fits into the pipe that nobody reads any more."""
    parent = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    time.sleep(0.5)
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 10
    try:
        while not ended(worker):
            assert time.monotonic() < deadline, "it goes on without anybody"
            time.sleep(0.05)
    finally:
        if not ended(worker):
            os.kill(worker, signal.SIGKILL)
        parent.stdout.close()
