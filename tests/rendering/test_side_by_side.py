"""Work that goes on side by side: its order, how far ahead it is begun, what is left of it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from pgvgen.rendering.side_by_side import share_cores, side_by_side, threads_of


def test_results_come_in_the_order_of_the_jobs_and_are_begun_so_far_ahead():
    asked, slow = [], threading.Event()

    def jobs():
        for n in range(6):
            asked.append(n)
            yield (n,)

    def work(n):
        if n == 0:
            slow.wait(5)
        return 10 * n

    with ThreadPoolExecutor(2) as pool:
        results = side_by_side(pool, work, jobs(), 2)
        assert asked == [0, 1, 2]  # before any result is asked for
        slow.set()
        assert next(results) == 0
        assert asked == [0, 1, 2]
        assert list(results) == [10, 20, 30, 40, 50]


def test_a_failure_is_raised_and_what_waits_is_not_begun():
    begun, going = [], threading.Event()

    def work(n):
        begun.append(n)
        if n == 0:
            raise ValueError("zero")
        going.wait(5)

    with threads_of(1) as pool:
        results = side_by_side(pool, work, ((n,) for n in range(9)), 3)
        with pytest.raises(ValueError, match="zero"):
            next(results)
        going.set()
    assert len(begun) <= 2  # the one that failed, and the one that had begun meanwhile


def test_the_network_takes_fewer_cores_and_nobody_else_does():
    before = torch.get_num_threads()
    with ThreadPoolExecutor(1) as network:
        share_cores(network, 1)
        assert network.submit(torch.get_num_threads).result() == max(1, before - 1)
    assert torch.get_num_threads() == before
    with ThreadPoolExecutor(1) as later:
        assert later.submit(torch.get_num_threads).result() == before


def test_videos_that_begin_at_once_do_not_take_fewer_and_fewer_cores():
    before, together = torch.get_num_threads(), threading.Barrier(4)
    found = []

    def begin():
        together.wait()
        with ThreadPoolExecutor(1) as network:
            share_cores(network, 1)
            found.append(network.submit(torch.get_num_threads).result())

    try:
        torch.set_num_threads(50)
        for _ in range(20):
            videos = [threading.Thread(target=begin) for _ in range(4)]
            for video in videos:
                video.start()
            for video in videos:
                video.join()
    finally:
        torch.set_num_threads(before)
    assert found == [49] * 80
