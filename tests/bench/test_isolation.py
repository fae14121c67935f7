import pytest

from calendar_app.bench import isolation
from calendar_app.bench.isolation import longest_gap_s, plan_posts


def test_the_others_are_due_while_the_first_one_stalls():
    names = [f"creator{number}" for number in range(isolation.FULL.others)]

    stuck, *others = plan_posts(names, isolation.FULL)
    after_s = [post["due_in_s"] - stuck["due_in_s"] for post in others]

    assert len(others) == 50
    assert min(after_s) > 0
    assert max(after_s) < isolation.FULL.stall_s


def test_the_longest_gap_lies_between_two_ticks():
    assert longest_gap_s([8, 10, 12, 17, 19], begin_at=9, lasts_s=11) == 5


@pytest.mark.parametrize("ticks", [[], [1, 2], [40]])
def test_without_a_tick_all_of_it_is_a_gap(ticks):
    assert longest_gap_s(ticks, begin_at=10, lasts_s=20) == 20
