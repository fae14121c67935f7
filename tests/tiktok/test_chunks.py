from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiktok.chunks import ChunkPlan, plan_chunks

MB = 1_000_000
sizes = st.integers(1, 4_294_967_296)
preferences = st.one_of(st.integers(-MB, 200 * MB), st.integers())


@pytest.mark.parametrize(
    ("size_bytes", "chunk_size", "count", "last_length"),
    [
        (3_145_728, 3_145_728, 1, 3_145_728),
        (5_242_880, 5_242_880, 1, 5_242_880),
        (64_000_000, 64_000_000, 1, 64_000_000),
        (64_000_001, 32_000_000, 2, 32_000_001),
        (67_108_864, 32_000_000, 2, 35_108_864),
        (127_999_999, 32_000_000, 3, 63_999_999),
        (1_073_741_824, 32_000_000, 33, 49_741_824),
        (4_294_967_296, 32_000_000, 134, 38_967_296),
        (4_194_304, 4_194_304, 1, 4_194_304),
    ],
)
def test_plans_the_table_of_the_contract(size_bytes, chunk_size, count, last_length):
    plan = plan_chunks(size_bytes)

    first, last = plan.ranges()[-1]
    assert plan == ChunkPlan(size_bytes, chunk_size, count)
    assert last - first + 1 == last_length


def test_plans_the_official_example():
    plan = plan_chunks(50_000_123, 10_000_000)

    assert plan == ChunkPlan(50_000_123, 10_000_000, 5)
    assert plan.ranges() == [
        (0, 9_999_999),
        (10_000_000, 19_999_999),
        (20_000_000, 29_999_999),
        (30_000_000, 39_999_999),
        (40_000_000, 50_000_122),
    ]


@pytest.mark.parametrize("size_bytes", [64_000_001, 100_000_000, 127_999_999])
def test_the_largest_preference_never_makes_one_chunk_that_is_not_the_file(size_bytes):
    plan = plan_chunks(size_bytes, 64_000_000)

    assert plan.total_chunk_count == 2


@given(sizes, preferences)
def test_the_count_is_the_floor_of_size_by_chunk(size_bytes, preferred):
    plan = plan_chunks(size_bytes, preferred)

    assert plan.total_chunk_count == size_bytes // plan.chunk_size
    assert 1 <= plan.total_chunk_count <= 1000


@given(sizes, preferences)
def test_a_single_chunk_is_the_whole_file_of_at_most_64_mb(size_bytes, preferred):
    plan = plan_chunks(size_bytes, preferred)

    if plan.total_chunk_count == 1:
        assert plan.chunk_size == size_bytes <= 64 * MB


@given(sizes, preferences)
def test_each_of_several_chunks_has_a_legal_size(size_bytes, preferred):
    plan = plan_chunks(size_bytes, preferred)

    *ordinary, last = [end - start + 1 for start, end in plan.ranges()]
    if ordinary:
        assert all(5_242_880 <= length <= 64 * MB for length in ordinary)
        assert max(ordinary) <= last < 128 * MB


@given(sizes, preferences)
def test_ranges_cover_every_byte_once_in_order(size_bytes, preferred):
    ranges = plan_chunks(size_bytes, preferred).ranges()

    assert ranges[0][0] == 0
    assert ranges[-1][1] == size_bytes - 1
    assert all(end + 1 == start for (_, end), (start, _) in pairwise(ranges))


@pytest.mark.parametrize("size_bytes", [-1, 0, 4_294_967_297])
def test_a_size_that_cannot_be_sent_has_no_plan(size_bytes):
    with pytest.raises(ValueError, match="a video has"):
        plan_chunks(size_bytes)
