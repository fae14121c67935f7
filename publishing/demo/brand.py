"""Who the demo is about: a made-up coffee roaster in Hamburg, its people and its creators."""

from dataclasses import dataclass
from datetime import time

from accounts.models import Role

TEAM = "Nordlicht Kaffee"
TIMEZONE = "Europe/Berlin"
# example.com is reserved (RFC 2606): no mail of the demo can reach anybody.
PEOPLE = (
    ("lena@nordlicht.example.com", "Lena Petersen", Role.OWNER),
    ("jonas@nordlicht.example.com", "Jonas Brandt", Role.EDITOR),
    ("mira@nordlicht.example.com", "Mira Aydin", Role.VIEWER),
)


@dataclass(frozen=True)
class DemoCreator:
    """A creator at the simulator; the three switches are the creator's own in TikTok."""

    username: str
    nickname: str
    bio: str
    duet_disabled: bool = False
    stitch_disabled: bool = False


CREATORS = {
    "brand": DemoCreator(
        "nordlicht.kaffee", "Nordlicht Kaffee", "Small roaster, big mornings. Hamburg."
    ),
    "roastery": DemoCreator(
        "nordlicht.roastery", "Nordlicht Roastery", "What happens between green and brown."
    ),
    "cafe": DemoCreator(
        "nordlicht.hafen",
        "Café am Hafen",
        "Our café by the water. Open from seven.",
        duet_disabled=True,
        stitch_disabled=True,
    ),
}
# Film → seconds and the name of the file as the team would have called it.
FILMS = {
    "morning-cup": (3.0, "morning-cup_final.mp4"),
    "evening-cup": (3.0, "evening-cup_v2.mp4"),
    "falling-beans": (3.0, "beans-slowmo.mp4"),
    "northern-lights": (5.0, "northern-lights_teaser.mp4"),
    "house-blend": (3.0, "house-blend_packshot.mp4"),
    "winter-roast": (4.0, "winter-roast_launch.mp4"),
    "latte": (3.0, "latte-from-above.mp4"),
    "harbour": (4.0, "harbour-morning.mp4"),
}
PHOTOS = {
    "latte": "latte-counter.jpg",
    "house-blend": "house-blend_shelf.jpg",
    "harbour": "harbour-sunrise.jpg",
}
# Long enough for TikTok's rule of 5 MB a part, so that its upload can stop between two parts.
LONG_FILM = ("northern-lights", "northern-lights_long-cut.mp4", 12_000_000)

# Creator → the times of the week at which it posts, by weekday from Monday, 0.
PLANS = {
    "brand": (((0, 2, 4), time(7, 30)), ((1, 3), time(18, 30)), ((6,), time(11, 0))),
    "cafe": (((2, 4), time(12, 15)), ((5,), time(10, 0))),
}

# Film → the campaign it belongs to, and its hue.
CAMPAIGNS = {
    "winter-roast": ("Winter roast", 0),
    "northern-lights": ("Tasting night", 3),
    "falling-beans": ("Behind the roast", 4),
}
TASTING = "Tasting night at the roastery, 19:30"
QUESTION = "can we show the red bag a little longer at the beginning?"
