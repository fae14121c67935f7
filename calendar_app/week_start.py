"""On which weekday a person's week begins: as they chose, else as it does in their region."""

import re

from django.http import HttpRequest

COOKIE = "duecast_week_start"
MONDAY, SATURDAY, SUNDAY = 0, 5, 6
CHOICES = {"monday": MONDAY, "saturday": SATURDAY, "sunday": SUNDAY}
# Unicode CLDR, supplemental data, weekData/firstDay; everywhere else it is Monday.
SUNDAY_IN = (
    "AG AS BD BR BS BT BW BZ CA CO DM DO ET GT GU HK HN ID IL IN JM JP KE KH KR LA MH MM MO MT MX "
    "MZ NI NP PA PE PH PK PR PT PY SA SG SV TH TT TW UM US VE VI WS YE ZA ZW"
)
SATURDAY_IN = "AF BH DJ DZ EG IQ IR JO KW LY OM QA SD SY"
REGION = re.compile(r"^[a-z]{2,3}(?:-[a-z]{4})?-([a-z]{2})\b", re.IGNORECASE)


def week_start_of(request: HttpRequest) -> int:
    """The weekday, Monday is 0."""
    chosen = CHOICES.get(request.COOKIES.get(COOKIE, ""))
    if chosen is not None:
        return chosen
    return week_start_in(region_of(request.headers.get("Accept-Language", "")))


def region_of(languages: str) -> str:
    """The region of the language that the browser likes best, "US" of "en-US,en;q=0.9"; "" when it
    names none: a language alone is spoken in many places."""
    found = REGION.match(languages.strip())
    return found[1].upper() if found else ""


def week_start_in(region: str) -> int:
    if region in SUNDAY_IN.split():
        return SUNDAY
    return SATURDAY if region in SATURDAY_IN.split() else MONDAY
