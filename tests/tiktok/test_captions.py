import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiktok import captions
from tiktok.captions import TAG, count_utf16, feed_part


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


@pytest.mark.parametrize(
    ("caption", "part"),
    [
        ("", ""),
        ("Fresh rolls", "Fresh rolls"),
        ("x" * 150, "x" * 150),
        ("x" * 151, "x" * 150),
        ("x" * 150 + "\n ", "x" * 150 + "\n "),
        ("x" * 100 + " " + "y" * 60, "x" * 100),
        ("x" * 50 + " " + "y" * 120, "x" * 50 + " " + "y" * 99),
        ("x" * 149 + "🥐", "x" * 149),
        ("one\ntwo\nthree\nfour", "one\ntwo\nthree"),
        ("one\n\n\nfour", "one"),
    ],
)
def test_the_feed_shows_about_150_characters_or_three_lines(caption, part):
    assert feed_part(caption) == part


@given(st.text(alphabet=st.sampled_from("ab #\n🥐\ud83d"), max_size=400))
def test_the_feed_shows_the_beginning(text):
    part = feed_part(text)

    assert text.startswith(part)
    assert part == text or count_utf16(part) <= captions.FEED_UTF16


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#a @b c#d\n#e,f", ["#a", "@b", "#e,f"]),
        ("# @ ##", ["##"]),
        ("#a\u3000#b", ["#a\u3000#b"]),
    ],
)
def test_tags_begin_a_word_and_end_at_a_space_or_newline(text, tags):
    assert TAG.findall(text) == tags
