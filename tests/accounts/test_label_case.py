import pytest
from django.utils import translation

from accounts.label_case import within_sentence


@pytest.mark.parametrize(
    ("language", "word"), [("en", "draft"), ("fr", "draft"), ("de", "Draft"), ("de-at", "Draft")]
)
def test_only_languages_with_small_nouns_lose_the_capital(language: str, word: str) -> None:
    with translation.override(language):
        assert within_sentence("Draft") == word
