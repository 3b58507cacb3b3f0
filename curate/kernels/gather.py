"""Strings from several Arrow buffers into one, in any order, each byte copied once."""

from __future__ import annotations

import numpy as np
from numba import njit

from curate.kernels.memory import copy, pointer


@njit(cache=True, nogil=True)
def _gather(addresses: np.ndarray, starts: np.ndarray, out: np.ndarray) -> None:
    to = pointer(out)
    for i in range(len(addresses)):
        copy(addresses[i], to, starts[i], starts[i + 1] - starts[i])


def gather(addresses: np.ndarray, sizes: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Copies strings to `out` one after another; their (n + 1,) int64 bounds in it.

    addresses: (n,) int64, where each lies in memory; whoever asks keeps it there. sizes: (n,) int64 bytes.
    out: (sizes.sum(),) uint8.
    """
    bounds = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=bounds[1:])
    if bounds[-1] > len(out):
        raise ValueError(f"{len(out)} bytes are no room for {bounds[-1]}")
    _gather(addresses, bounds, out)
    return bounds
