"""UX-4: which declaration stands before the button, by the state of the disclosure."""

import pytest
from playwright.sync_api import expect

from publishing.models import Post
from publishing.states import State
from tests.browser.rules.strings import BRANDED_CONTENT_URL, L3, MUSIC_USAGE_URL, S1, S2, S5
from tests.pages.posting import summary_of, words_of

YOUR_BRAND, BRANDED = L3


def consent_of_the_post():
    return Post.objects.exclude(state=State.DRAFT).get().consents.get()


def test_UX_4_1_disclosure_off(screen, account):
    screen.open(account)

    expect(screen.declaration).to_have_text(S1)


def test_UX_4_1_by_hand(by_hand):
    by_hand(is_branded_content="on")

    assert consent_of_the_post().declaration == S1


def test_UX_4_2_your_brand_only(screen, account):
    screen.open(account).disclose(YOUR_BRAND)

    expect(screen.declaration).to_have_text(S1)


def test_UX_4_2_by_hand(by_hand):
    by_hand(discloses_content="on", is_your_brand="on")

    assert consent_of_the_post().declaration == S1


def test_UX_4_3_branded_content_only(screen, account):
    screen.open(account).disclose(BRANDED)

    expect(screen.declaration).to_have_text(S2)


def test_UX_4_3_by_hand(by_hand):
    by_hand(discloses_content="on", is_branded_content="on")

    consent = consent_of_the_post()
    assert consent.declaration == S2
    assert consent.declaration_links == {
        "Branded Content Policy": BRANDED_CONTENT_URL,
        "Music Usage Confirmation": MUSIC_USAGE_URL,
    }


def test_UX_4_4_both(screen, account):
    screen.open(account).disclose(YOUR_BRAND, BRANDED)

    expect(screen.declaration).to_have_text(S2)


def test_UX_4_4_by_hand(by_hand):
    by_hand(discloses_content="on", is_your_brand="on", is_branded_content="on")

    assert consent_of_the_post().declaration == S2


def test_UX_4_5_none(screen, account):
    screen.open(account).choose("Friends")
    screen.disclosure.check()

    expect(screen.declaration).to_have_text(S1)
    screen.expect_closed(S5)


def test_UX_4_5_by_hand(by_hand):
    response = by_hand(discloses_content="on")

    assert S5 in summary_of(response)
    assert "Music Usage Confirmation" in words_of(response)
    assert not Post.objects.exclude(state=State.DRAFT).exists()


@pytest.mark.parametrize(
    ("words", "url"),
    [
        ("Branded Content Policy", BRANDED_CONTENT_URL),
        ("Music Usage Confirmation", MUSIC_USAGE_URL),
    ],
)
def test_UX_4_3_both_links_open_tiktoks_documents(screen, account, words, url):
    screen.page.context.route("https://www.tiktok.com/**", lambda route: route.fulfill(body="ok"))
    screen.open(account).disclose(BRANDED)

    with screen.page.expect_popup() as opened:
        screen.declaration.get_by_role("link", name=words, exact=True).click()

    opened.value.wait_for_load_state()
    assert opened.value.url == url


def test_UX_4_back_to_the_standard_declaration(screen, account):
    screen.open(account).disclose(BRANDED)
    expect(screen.declaration).to_have_text(S2)

    screen.disclosure.uncheck()

    expect(screen.declaration).to_have_text(S1)
