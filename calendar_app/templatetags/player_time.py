"""Places in a video, as players and their addresses name them."""

from django import template

register = template.Library()


@register.filter
def player_time(at_ms: int) -> str:
    """ "0:07.5", as a player's clock shows it."""
    minutes, rest_ms = divmod(at_ms, 60_000)
    return f"{minutes}:{rest_ms / 1000:04.1f}"


@register.filter
def fragment_time(at_ms: int) -> str:
    """ "7.500", for the `#t=` of a video's address: there a player stands before it plays."""
    return f"{at_ms / 1000:.3f}"
