"""The order of a form's photos and their cover, changed by buttons that need no script."""

from django.http import QueryDict

MOVES = {"up": -1, "down": 1}


def arrange(data: QueryDict) -> None:
    """Does what the button `arrange` says: up-12, down-12, remove-12 or cover-12, 12 being a photo.

    Anything else changes nothing.
    """
    act, _, pk = data.get("arrange", "").partition("-")
    photos = data.getlist("photos")
    if pk not in photos:
        return
    if act == "cover":
        data["cover"] = pk
    elif act == "remove":
        photos.remove(pk)
    elif act in MOVES:
        place = photos.index(pk)
        photos.insert(min(max(place + MOVES[act], 0), len(photos) - 1), photos.pop(place))
    data.setlist("photos", photos)
