from hypothesis import given
from hypothesis import strategies as st

from calendar_app.side_by_side import MAX_LANES, TILE_MIN, Block, stand_side_by_side


def test_one_has_all_the_width():
    assert stand_side_by_side([600]) == [Block(600, 0, 1, 0)]


def test_an_hour_apart_nothing_overlaps():
    assert [(one.lane, one.lanes) for one in stand_side_by_side([600, 660])] == [(0, 1), (0, 1)]


def test_two_within_an_hour_share_the_width():
    assert [(one.lane, one.lanes) for one in stand_side_by_side([600, 630])] == [(0, 2), (1, 2)]


def test_a_lane_is_used_again_as_soon_as_it_is_free():
    lanes = [(one.lane, one.lanes) for one in stand_side_by_side([600, 630, 670])]

    assert lanes == [(0, 2), (1, 2), (0, 2)]


def test_what_has_no_lane_is_counted():
    blocks = stand_side_by_side([600, 600, 605, 610, 700])

    assert [(one.number, one.lane, one.more) for one in blocks] == [
        (0, 0, 0),
        (1, 1, 0),
        (None, 2, 2),
        (4, 0, 0),
    ]


def test_fewer_lanes_show_less_and_count_more():
    blocks = stand_side_by_side([600, 600, 600], 2)

    assert [(one.number, one.lane, one.lanes, one.more) for one in blocks] == [
        (0, 0, 2, 0),
        (None, 1, 2, 2),
    ]


@given(st.lists(st.integers(0, 1499), max_size=60).map(sorted))
def test_nothing_covers_anything_and_nothing_is_lost(minutes):
    blocks = stand_side_by_side(minutes)

    assert sum(one.more or 1 for one in blocks) == len(minutes)
    for one in blocks:
        assert one.lane < one.lanes <= MAX_LANES
        for other in blocks:
            if other is not one and other.lane == one.lane:
                assert abs(other.minute - one.minute) >= TILE_MIN
    shown = [one for one in blocks if one.number is not None]
    assert all(minutes[one.number] == one.minute for one in shown)
