"""The days of a month in weeks. Only dates: which moments a day holds is wall_time's business."""

from dataclasses import dataclass
from datetime import date, timedelta

FIRST_YEAR, LAST_YEAR = 2000, 2100
MONDAY_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


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

    def weeks(self) -> list[list[date]]:
        """Whole weeks from Monday that hold the month: 4 to 6 lists of 7 days."""
        monday = self.first - timedelta(days=self.first.weekday())
        end = self.next.first
        weeks = []
        while monday < end:
            weeks.append([monday + timedelta(days=offset) for offset in range(7)])
            monday += timedelta(days=7)
        return weeks


def month_of(day: date) -> Month:
    return Month(day.year, day.month)


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
