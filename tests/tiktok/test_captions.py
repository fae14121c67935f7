import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiktok import captions
from tiktok.captions import count_utf16


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("abc", 3), ("a😀é", 4), ("\ud83d", 1), ("👨‍👩‍👧", 8)]
)
def test_counts_utf16_code_units(text, count):
    assert count_utf16(text) == count


@given(st.text(), st.text())
def test_a_joined_text_counts_as_its_parts(one, other):
    assert count_utf16(one + other) == count_utf16(one) + count_utf16(other)


def test_limits_are_those_of_the_contract():
    limits = (
        captions.MAX_VIDEO_CAPTION_UTF16,
        captions.MAX_PHOTO_TITLE_UTF16,
        captions.MAX_PHOTO_DESCRIPTION_UTF16,
    )

    assert limits == (2200, 90, 4000)
