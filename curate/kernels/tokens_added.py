"""Added tokens (`<|endoftext|>`) in a text: the first one and, where several begin, the longest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from numba import njit

from curate.kernels.memory import Pointer, load8, pointer, trailing_zeros
from curate.kernels.words import frozen

_NOBODY: Final = -1
_MANY: Final = 256
_ONES: Final = np.uint64(0x0101010101010101)
_HIGH: Final = np.uint64(0x8080808080808080)


class Added(NamedTuple):
    """A trie of byte strings. Node 0 is the root; the nodes below one are a chain of siblings.

    lead: the byte that all begin with, -1 when there are none, 256 when they begin with several. leads:
    (256,) uint8, whether one begins with a byte. bytes: (n,) uint8, below and beside: (n,) int32, 0 for none;
    ends: (n,) uint8, whether a string ends here.
    """

    lead: int
    leads: np.ndarray
    bytes: np.ndarray
    below: np.ndarray
    beside: np.ndarray
    ends: np.ndarray


def added(contents: Iterable[bytes]) -> Added:
    """The trie of these; empty ones are left out, for they are found nowhere."""
    contents = [content for content in contents if content]
    nodes: list[list[int]] = [[0, 0, 0, 0]]
    for content in contents:
        at = 0
        for byte in content:
            child = nodes[at][1]
            while child and nodes[child][0] != byte:
                child = nodes[child][2]
            if not child:
                child = len(nodes)
                nodes.append([byte, 0, nodes[at][1], 0])
                nodes[at][1] = child
            at = child
        nodes[at][3] = 1
    leads = np.zeros(256, np.uint8)
    leads[[content[0] for content in contents]] = 1
    first = np.flatnonzero(leads)
    lead = int(first[0]) if len(first) == 1 else _MANY if len(first) else _NOBODY
    columns = np.array(nodes).T
    kinds = (np.uint8, np.int32, np.int32, np.uint8)
    return Added(lead, frozen(leads, np.uint8), *map(frozen, columns, kinds))


@njit(cache=True, nogil=True)
def pointed(added: Added) -> Added:
    """The trie as `next_added` reads it: arrays are pointers."""
    return Added(
        added.lead,
        pointer(added.leads),
        pointer(added.bytes),
        pointer(added.below),
        pointer(added.beside),
        pointer(added.ends),
    )


@njit(cache=True, nogil=True)
def _next_lead(data: Pointer, at: int, end: int, added: Added) -> int:
    """Where the next byte is that an added token begins with; `end` when there is none."""
    if added.lead == _NOBODY:
        return end
    if added.lead != _MANY:
        wanted = np.uint64(added.lead) * _ONES
        while at + 8 <= end:
            others = load8(data, at) ^ wanted
            found = (others - _ONES) & ~others & _HIGH
            if found:
                return at + (trailing_zeros(found) >> 3)
            at += 8
    while at < end and not added.leads[np.int64(data[at])]:
        at += 1
    return at


@njit(cache=True, nogil=True)
def _longest(data: Pointer, at: int, end: int, added: Added) -> int:
    """End of the longest added token at data[at]; `at` when there is none."""
    node, longest = 0, at
    for k in range(at, end):
        node = np.int64(added.below[node])
        while node and added.bytes[node] != data[k]:
            node = np.int64(added.beside[node])
        if not node:
            break
        if added.ends[node]:
            longest = k + 1
    return longest


@njit(cache=True, nogil=True)
def next_added(data: Pointer, at: int, end: int, added: Added) -> tuple[int, int]:
    """(start, stop) of the first added token in data[at:end]; (end, end) when there is none."""
    while True:
        at = _next_lead(data, at, end, added)
        if at == end:
            return end, end
        stop = _longest(data, at, end, added)
        if stop > at:
            return at, stop
        at += 1
