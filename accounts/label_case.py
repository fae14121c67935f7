"""Labels within sentences."""

from django.utils.translation import get_language

# Their nouns have capitals wherever they stand.
CAPITAL_NOUNS = ("de", "lb")


def within_sentence(label: str) -> str:
    """ "Published" as in "3 published"; a language whose nouns keep their capitals keeps them."""
    return label if (get_language() or "").startswith(CAPITAL_NOUNS) else label.lower()
