"""A due time that the clocks skip or show twice is asked about, never guessed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendar_app.forms.due import DueForm, due_initial
from calendar_app.wall_time import day_end, day_start, moments_at

# Zone, what its clocks skip, the times before and after that, and the moment they meet at.
GAPS = [
    ("Europe/Berlin", "2027-03-28 02:00", "2027-03-28 02:59", "2027-03-28T01:00"),
    ("America/New_York", "2027-03-14 02:00", "2027-03-14 02:59", "2027-03-14T07:00"),
    ("Australia/Lord_Howe", "2027-10-03 02:00", "2027-10-03 02:29", "2027-10-02T15:30"),
    ("Africa/Casablanca", "2027-03-14 02:00", "2027-03-14 02:59", "2027-03-14T02:00"),
]
# Zone, what its clocks show twice, and when the first of both begins; then how far they lie apart.
OVERLAPS = [
    ("Europe/Berlin", "2026-10-25 02:00", "2026-10-25 02:59", "2026-10-25T00:00", 60),
    ("America/New_York", "2026-11-01 01:00", "2026-11-01 01:59", "2026-11-01T05:00", 60),
    ("Australia/Lord_Howe", "2027-04-04 01:30", "2027-04-04 01:59", "2027-04-03T14:30", 30),
    ("Africa/Casablanca", "2027-02-07 02:00", "2027-02-07 02:59", "2027-02-07T01:00", 60),
]
ZONES = [gap[0] for gap in GAPS]
MINUTE = timedelta(minutes=1)


def wall(text):
    return datetime.strptime(text, "%Y-%m-%d %H:%M")


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def fill_in(zone, at, **values):
    typed = {"due_date": f"{at:%Y-%m-%d}", "due_time": f"{at:%H:%M}"} | values
    return DueForm(typed, zone=ZoneInfo(zone))


def read(zone, at):
    return moments_at(at.date(), at.time(), ZoneInfo(zone))


@pytest.mark.parametrize(("zone", "first", "last", "at"), GAPS)
class TestWhereTheClocksSkip:
    @pytest.mark.parametrize("which", [0, 1])
    def test_a_skipped_time_is_refused_beside_the_field(self, zone, first, last, at, which):
        skipped = wall([first, last][which])

        form = fill_in(zone, skipped)

        assert not form.is_valid()
        assert f"the clocks in {zone} skip {skipped:%H:%M}" in form.errors["due_time"][0]

    def test_a_choice_of_two_does_not_make_it_a_moment(self, zone, first, last, at):
        assert not fill_in(zone, wall(first), due_fold="second").is_valid()

    def test_the_minutes_around_it_follow_each_other(self, zone, first, last, at):
        before, after = read(zone, wall(first) - MINUTE), read(zone, wall(last) + MINUTE)

        assert before == [moment(at) - MINUTE]
        assert after == [moment(at)]


@pytest.mark.parametrize(("zone", "first", "last", "at", "apart_min"), OVERLAPS)
class TestWhereTheClocksGoBack:
    @pytest.mark.parametrize("which", [0, 1])
    def test_a_doubled_time_is_asked_about(self, zone, first, last, at, apart_min, which):
        doubled = wall([first, last][which])

        form = fill_in(zone, doubled)

        assert not form.is_valid()
        assert f"show {doubled:%H:%M} twice. Choose which." in form.errors["due_fold"][0]
        assert form.two_moments == read(zone, doubled)

    def test_either_answer_is_taken_at_its_word(self, zone, first, last, at, apart_min):
        answers = [fill_in(zone, wall(first), due_fold=fold) for fold in ("first", "second")]

        assert all(form.is_valid() for form in answers)
        assert [form.cleaned_data["due_at"] for form in answers] == [
            moment(at),
            moment(at) + timedelta(minutes=apart_min),
        ]

    def test_an_unknown_answer_is_none(self, zone, first, last, at, apart_min):
        assert not fill_in(zone, wall(first), due_fold="third").is_valid()

    def test_the_minutes_around_it_are_one_moment_each(self, zone, first, last, at, apart_min):
        before, after = read(zone, wall(first) - MINUTE), read(zone, wall(last) + MINUTE)

        assert before == [moment(at) - MINUTE]
        assert after == [moment(at) + timedelta(minutes=2 * apart_min)]


@pytest.mark.parametrize("zone", ZONES)
def test_a_choice_that_is_not_needed_changes_nothing(zone):
    at = wall("2026-11-26 18:30")

    forms = [fill_in(zone, at, due_fold=fold) for fold in ("", "first", "second")]

    assert all(form.is_valid() for form in forms)
    assert len({form.cleaned_data["due_at"] for form in forms}) == 1


def near_a_change():
    changes = [(zone, moment(at)) for zone, _, _, at, *_ in [*GAPS, *OVERLAPS]]
    minutes = st.integers(-180, 180)
    return st.tuples(st.sampled_from(changes), minutes).map(
        lambda drawn: (drawn[0][0], drawn[0][1] + drawn[1] * MINUTE)
    )


@given(near_a_change())
def test_what_the_fields_show_reads_back_as_the_same_moment(zone_and_moment):
    zone, at = zone_and_moment
    shown = due_initial(at, ZoneInfo(zone))

    form = DueForm(shown, zone=ZoneInfo(zone))

    assert form.is_valid(), form.errors
    assert form.cleaned_data["due_at"] == at


@given(near_a_change())
def test_every_moment_is_among_those_of_its_own_wall_time(zone_and_moment):
    zone, at = zone_and_moment
    local = at.astimezone(ZoneInfo(zone))

    found = moments_at(local.date(), local.time(), ZoneInfo(zone))

    assert at in found
    assert all(one.astimezone(ZoneInfo(zone)).time() == local.time() for one in found)


@given(
    st.sampled_from([*ZONES, "America/Havana", "Africa/Cairo", "America/Santiago"]),
    st.dates(datetime(2026, 1, 1).date(), datetime(2028, 12, 31).date()),
)
def test_days_follow_each_other_without_a_hole(name, day):
    zone = ZoneInfo(name)
    start = day_start(day, zone)

    assert day_end(day - timedelta(days=1), zone) == start
    assert start.astimezone(zone).date() == day
    assert (start - MINUTE).astimezone(zone).date() == day - timedelta(days=1)
