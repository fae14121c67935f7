"""Words found in texts, whatever their case and however their letters are written."""

import re
import unicodedata

from django.db.models import Q


def has_word(word: str, *fields: str) -> Q:
    """Whether one of the fields holds `word`."""
    # Not LIKE: SQLite's takes ü and Ü for different letters. Macs write ü as two characters.
    spellings = {unicodedata.normalize(form, word) for form in ("NFC", "NFD")}
    either = Q()
    for field in fields:
        for spelling in spellings:
            either |= Q(**{f"{field}__iregex": re.escape(spelling)})
    return either
