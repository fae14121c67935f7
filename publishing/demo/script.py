"""What the demo's team planned: three weeks of posts, the middle one being the current week."""

from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What became of a post. AS_DUE follows the calendar: published before now, scheduled after."""

    AS_DUE = "as due"
    AFTER_INTERNAL = "published at the second attempt"
    AFTER_DROP = "published after a dropped connection"
    INBOX = "in the inbox"
    REFUSED = "failed"
    RISKY_TEXT = "needs another caption"
    AUDIENCE_GONE = "needs another audience"
    SILENT = "unconfirmed"
    CANCELED = "canceled"
    DRAFT = "draft"
    IN_REVIEW = "in review"
    SENDING = "sending"
    PROCESSING = "processing"


@dataclass(frozen=True)
class Entry:
    """One post: `weekday` 0 is Monday, `at` is wall time in the team's zone."""

    weekday: int
    at: str
    creator: str
    film: str
    caption: str
    fate: Fate = Fate.AS_DUE
    privacy_level: str = "PUBLIC_TO_EVERYONE"
    promotes: str = ""


EVERYONE, FRIENDS = "PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS"
OWN, PARTNER = "own brand", "partner"

LAST_WEEK = (
    Entry(0, "07:30", "brand", "morning-cup", "Monday, but make it warm. ☕ #coffee #hamburg"),
    Entry(0, "12:15", "cafe", "harbour", "Lunch break with a view. #hafen #hamburg #cafelife"),
    Entry(0, "18:00", "roastery", "falling-beans",
          "12 kg of Sidamo on their way to the drum. #coffeeroaster", Fate.AFTER_DROP),
    Entry(1, "07:30", "brand", "house-blend", "House blend: chocolate, hazelnut, done. #coffee",
          promotes=OWN),
    Entry(1, "17:30", "cafe", "latte", "Rings of milk, one quiet minute. #latteart",
          Fate.SILENT),
    Entry(2, "08:00", "roastery", "falling-beans", "Can you hear first crack? #roasting #asmr"),
    Entry(2, "12:15", "cafe", "evening-cup", "New on the board: cardamom cortado. #cortado"),
    Entry(2, "18:30", "brand", "winter-roast", "Something red is coming. #winterroast",
          Fate.AFTER_INTERNAL, promotes=OWN),
    Entry(3, "07:30", "brand", "latte", "Pour slowly. Breathe. #latteart #slowmorning"),
    Entry(3, "13:00", "roastery", "house-blend", "Fresh bags, still warm from the drum. #roastery",
          Fate.REFUSED),
    Entry(4, "08:15", "cafe", "harbour", "Fog on the Elbe, coffee in hand. #hamburg #hafen"),
    Entry(4, "12:00", "brand", "morning-cup", "Win a bag a month!!! Link in bio!!!",
          Fate.RISKY_TEXT),
    Entry(4, "18:00", "roastery", "falling-beans", "Friday roast, last batch. #coffeeroaster",
          Fate.CANCELED),
    Entry(5, "10:00", "brand", "northern-lights", "Why Nordlicht? Look up. #northernlights"),
    Entry(6, "11:00", "cafe", "evening-cup", "Sunday has no alarm clock. #sunday #cafelife",
          Fate.INBOX),
)  # fmt: skip

THIS_WEEK = (
    Entry(0, "07:30", "brand", "morning-cup", "First cup, first light. ☕ #coffee #monday"),
    Entry(0, "17:00", "roastery", "falling-beans", "Washed or natural? Tell us. #specialtycoffee"),
    Entry(1, "08:00", "cafe", "latte", "Anna's hundredth heart today. #latteart #barista"),
    Entry(1, "18:30", "brand", "winter-roast", "Winter roast: plum, cocoa, a little smoke. "
          "#winterroast", promotes=OWN),
    Entry(2, "07:30", "brand", "house-blend", "The bag that started it all. #houseblend",
          promotes=OWN),
    Entry(2, "12:15", "cafe", "harbour", "Ships, gulls, flat whites. #hamburg #flatwhite"),
    Entry(3, "08:00", "roastery", "falling-beans", "Green to brown in eleven minutes. #roasting"),
    Entry(3, "18:00", "brand", "evening-cup", "Decaf that does not apologise. #decaf"),
    Entry(4, "07:30", "brand", "latte", "Oat, please. #oatmilk #latteart"),
    Entry(4, "12:30", "cafe", "morning-cup", "Cake day. That is the post. #cake #hamburg"),
    Entry(4, "18:30", "roastery", "northern-lights", "Night shift at the roastery. #nightshift"),
    Entry(5, "10:00", "cafe", "harbour", "Open till the last boat. #hafen #weekend"),
    Entry(5, "16:00", "brand", "winter-roast", "Back in stock: winter roast. #winterroast",
          promotes=OWN),
    Entry(6, "11:00", "brand", "morning-cup", "Slow Sunday, full pot. #sunday #filtercoffee"),
    Entry(6, "19:00", "cafe", "evening-cup", "Lights on, cups out. See you at seven. #hamburg"),
)  # fmt: skip

NEXT_WEEK = (
    Entry(0, "07:30", "brand", "house-blend", "New week, same blend. #houseblend #coffee"),
    Entry(0, "17:30", "roastery", "falling-beans", "Meet the Probat: 1962 and still hot. #roaster"),
    Entry(1, "08:00", "cafe", "latte", "Order of the day: cappuccino, no phone. #cafelife"),
    Entry(1, "18:00", "brand", "northern-lights", "Tasting under the northern lights, Thursday. "
          "#hamburg #tasting", promotes=OWN),
    Entry(2, "07:30", "brand", "morning-cup", "How we brew at home: 15 g, 250 ml, patience. "
          "#brewguide"),
    Entry(2, "12:15", "cafe", "harbour", "With our friends from the harbour bakery. #croissant",
          promotes=PARTNER),
    Entry(2, "18:30", "roastery", "evening-cup", "Cupping table, table for two. #cupping",
          Fate.IN_REVIEW),
    Entry(3, "08:00", "roastery", "falling-beans", "One bean, four grinds. #grindsize",
          Fate.DRAFT),
    Entry(3, "19:00", "brand", "northern-lights", "Tonight: tasting, 19:30. Come hungry. #hamburg"),
    Entry(4, "07:30", "brand", "winter-roast", "Gift idea, already wrapped. #winterroast #gift",
          Fate.IN_REVIEW, promotes=OWN),
    Entry(4, "12:30", "cafe", "latte", "Friday foam. #latteart", Fate.CANCELED),
    Entry(4, "18:00", "cafe", "evening-cup", "After-work espresso tonic. #espressotonic"),
    Entry(5, "10:00", "cafe", "harbour", "Saturday on the pier. #hafen #weekend"),
    Entry(5, "15:00", "roastery", "house-blend", "Behind the label. #packaging #design",
          Fate.DRAFT),
    Entry(6, "11:00", "brand", "morning-cup", "Second cup, no plans. #sunday"),
)  # fmt: skip

# Due around the present moment, whenever that is: minutes from now → entry.
AROUND_NOW = (
    (-95, Entry(0, "", "cafe", "latte", "For close friends of the house only. #cafelife",
                Fate.AUDIENCE_GONE, FRIENDS)),
    (-12, Entry(0, "", "brand", "morning-cup", "Steam, slowly. #coffee #slowmorning",
               Fate.PROCESSING)),
    (-6, Entry(0, "", "roastery", "long-cut", "One night above the roastery, uncut. "
               "#northernlights #timelapse", Fate.SENDING)),
)  # fmt: skip
