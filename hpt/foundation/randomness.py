"""Random streams, each told apart by what it is for and for whom."""

from __future__ import annotations

from zlib import crc32

import numpy as np


def generator(purpose: str, *entropy: int) -> np.random.Generator:
    """The stream of `purpose` for `entropy`, whole numbers from 0 to 2**64 - 1.

    Every number takes two words and the last word is 1: NumPy's SeedSequence pads with zeros, so (1,) and (1, 0) seed alike there, and
    a large first number reads like two small ones.
    """
    words = [word for number in entropy for word in (number & 0xFFFFFFFF, number >> 32)]
    # An array seeds as the list of its words would, which NumPy would convert one by one.
    return np.random.default_rng(np.array([crc32(purpose.encode()), *words, 1], np.uint32))
