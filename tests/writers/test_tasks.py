"""Which output shards are written by one task."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from curate.writers._shards import WRITE_BYTES, shard_groups, task_name

MB = 1 << 20


@given(st.lists(st.integers(0, 100 * MB), max_size=60))
def test_every_shard_is_written_by_one_task_in_order(sizes: list[int]) -> None:
    groups = shard_groups(sizes)
    assert [shard for group in groups for shard in group] == list(range(len(sizes)))
    assert len({task_name(group) for group in groups}) == len(groups)


@given(st.integers(1, 60), st.integers(1, 40 * MB))
def test_tasks_of_equal_shards_are_no_larger_than_they_must_be(n: int, size: int) -> None:
    largest = max(len(group) for group in shard_groups([size] * n)) * size
    assert largest <= WRITE_BYTES + size


def test_as_many_tasks_for_small_shards_as_for_large_ones() -> None:
    assert len(shard_groups([20 * MB] * 2)) == len(shard_groups([2 * MB] * 20)) == 2
