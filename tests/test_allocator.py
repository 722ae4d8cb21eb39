"""What is not used is given back, and what is used stays."""

import subprocess
import sys
import time
from functools import lru_cache

import pytest

from runtime import allocator


@pytest.fixture
def kept(monkeypatch):
    monkeypatch.setattr(allocator, "_kept", [])


def looked_at(monkeypatch, *moments):
    for moment in moments:
        monkeypatch.setattr(time, "monotonic", lambda moment=moment: moment)
        allocator.give_back()


def test_a_cache_that_nobody_asks_is_emptied_and_filled_again(kept, monkeypatch):
    squared = allocator.while_used(lru_cache(lambda number: number**2))
    squared(3)
    looked_at(monkeypatch, 0.0, 9.0)
    assert squared.cache_info().currsize == 1
    looked_at(monkeypatch, 11.0)
    assert squared.cache_info().currsize == 0
    assert squared(3) == 9


def test_a_cache_that_is_asked_stays(kept, monkeypatch):
    squared = allocator.while_used(lru_cache(lambda number: number**2))
    for moment in (0.0, 9.0, 18.0, 27.0):
        squared(3)
        looked_at(monkeypatch, moment)
    assert squared.cache_info().currsize == 1


@pytest.mark.skipif(allocator._glibc() is None, reason="only glibc can be asked")
def test_what_was_freed_between_things_that_stay_goes_back_to_the_system():
    code = ("from runtime import allocator\n"
            "def held():\n    return int(open('/proc/self/statm').read().split()[1]) * 4096\n"
            "many = [bytearray(20_000) for _ in range(4000)]\n"
            "del many[:-1]\nbefore = held()\nallocator.give_back()\nprint(before - held())")
    freed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(freed.stdout) > 40e6
