"""When the script's entries are due, whenever the demo starts."""

from datetime import datetime, timedelta
from itertools import pairwise

from publishing.demo import episodes


def test_no_moment_of_a_week_makes_the_script_stand_too_close() -> None:
    monday = datetime(2026, 11, 23, tzinfo=episodes.ZONE)

    for minute in range(0, 7 * 24 * 60, 3):
        by_creator: dict[str, list[datetime]] = {}
        for entry, moment in episodes.date_entries(monday + timedelta(minutes=minute)):
            by_creator.setdefault(entry.creator, []).append(moment)
        for moments in map(sorted, by_creator.values()):
            assert all(b - a >= episodes.GAP for a, b in pairwise(moments)), (minute, moments)
