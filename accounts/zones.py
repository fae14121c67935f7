"""The zone a person works in, and moments in its words."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as format_date

from accounts.models import Membership


def shown_zone(membership: Membership) -> ZoneInfo:
    """The person's own zone, else the team's."""
    return ZoneInfo(membership.user.timezone or membership.team.timezone)


def moment_words(local: datetime, now: datetime) -> str:
    """`local` with its zone, and its year when that is not the current one."""
    year = "" if local.year == now.astimezone(local.tzinfo).year else " Y"
    return f"{format_date(local, f'D j M{year}, H:i')} {zone_words(local)}"


def zone_words(local: datetime) -> str:
    """The zone as "CET", or its distance from UTC where the zone has no letters of its own."""
    name = local.strftime("%Z")
    return f"UTC{local.isoformat()[-6:]}".replace("-", "−") if name[:1] in "+-" else name


def zone_words_on(day: date, zone: ZoneInfo) -> str:
    """`zone_words` at noon of that day."""
    return zone_words(datetime.combine(day, time(12), tzinfo=zone))
