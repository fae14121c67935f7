"""The days of a month in weeks. Only dates: which moments a day holds is wall_time's business."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.dates import WEEKDAYS_ABBR

FIRST_YEAR, LAST_YEAR = 2000, 2100
MONDAY = 0


@dataclass(frozen=True)
class Month:
    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def next(self) -> "Month":
        return month_of(self.first + timedelta(days=31))

    @property
    def previous(self) -> "Month":
        return month_of(self.first - timedelta(days=1))

    def weeks(self, first_weekday: int = MONDAY) -> list[list[date]]:
        """Whole weeks that hold the month: 4 to 6 lists of 7 days."""
        week = week_of(self.first, first_weekday)
        weeks = []
        while week[0] < self.next.first:
            weeks.append(week)
            week = week_of(week[-1] + timedelta(days=1), first_weekday)
        return weeks


def month_of(day: date) -> Month:
    return Month(day.year, day.month)


def week_of(day: date, first_weekday: int = MONDAY) -> list[date]:
    """The seven days around `day` from the weekday `first_weekday` on; Monday is 0."""
    first = day - timedelta(days=(day.weekday() - first_weekday) % 7)
    return [first + timedelta(days=offset) for offset in range(7)]


def weekday_words(first_weekday: int = MONDAY) -> list[str]:
    return [str(WEEKDAYS_ABBR[(first_weekday + offset) % 7]) for offset in range(7)]


def read_month(text: str) -> Month | None:
    """ "2026-11" as a month; None for anything else and for years outside 2000 to 2100."""
    day = read_day(f"{text}-01")
    return month_of(day) if day else None


def read_day(text: str) -> date | None:
    """ "2026-11-26" as a date; None for anything else and for years outside 2000 to 2100."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR and day.isoformat() == text else None
