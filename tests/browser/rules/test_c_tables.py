"""The acceptance tables C1 (is publishing open?), C2 (disclosure) and C3 (interactions)."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from publishing.models import Consent, Post
from publishing.states import State
from tests.browser.rules.kinds import only_photo, only_video
from tests.browser.rules.strings import L3, S1, S2, S3, S4, S5, S6
from tests.media_samples import make_text
from tests.pages.posting import summary_of, words_of
from tests.publishing.factories import make_media, make_photo

QUERY = "/creator_info/query/"
YOUR_BRAND, BRANDED = L3


def scheduled():
    return Post.objects.exclude(state=State.DRAFT)


@pytest.fixture
def ready(screen, account):
    """The screen with everything in place: both buttons are open."""
    screen.open(account, date="2030-07-01").choose("Friends")
    screen.page.locator("#id_due_time").fill("09:15")
    expect(screen.schedule).to_be_enabled()
    screen.expect_open()
    return screen


# --- C1


def test_C1_everything_in_place_opens_publishing(ready):
    expect(ready.page.locator("[data-missing]")).to_be_hidden()
    ready.schedule.click()

    expect(ready.page.locator(".standing")).to_contain_text("It goes out by itself")
    assert scheduled().get().state == State.SCHEDULED


def test_C1_by_hand_everything_in_place_is_taken(by_hand):
    by_hand()

    assert scheduled().get().state == State.SCHEDULED


def test_C1_without_tiktoks_answer_publishing_is_closed(screen, account, simulator):
    simulator.inject_fault("unavailable", path=f"*{QUERY}")

    screen.open(account)

    screen.expect_closed("an account that can post now")


def test_C1_while_tiktok_is_being_asked_publishing_is_closed(ready, account):
    ready.page.route("**/compose/creator/**", lambda route: None)
    ready.page.locator(f"#account-{account.pk}").uncheck()

    ready.page.locator(f"#account-{account.pk}").check()

    ready.expect_closed("TikTok’s answer about this account")


def test_C1_an_answer_from_earlier_does_not_count(ready, account, simulator, forget):
    simulator.add_creator(account.username, is_private=True)
    ready.choose("Everyone")
    forget(account)

    ready.publish.click()

    errors = ready.page.locator("#form-errors")
    expect(errors).to_contain_text("TikTok does not offer “Everyone” for Maple Bakery now.")
    expect(ready.option("Everyone")).to_have_count(0)
    assert not scheduled().exists()


def test_C1_a_blocking_code_closes_publishing(screen, account, simulator):
    simulator.add_creator(account.username, is_banned=True)

    screen.open(account)

    screen.expect_closed("an account that can post now")


def test_C1_without_an_account_publishing_is_closed(ready, account):
    ready.page.locator(f"#account-{account.pk}").uncheck()

    ready.expect_closed("an account")


def test_C1_by_hand_without_an_account(by_hand):
    assert "Choose the account that posts." in summary_of(by_hand(accounts=[]))
    assert not scheduled().exists()


def test_C1_without_privacy_publishing_is_closed(ready, account):
    ready.page.locator(f"#account-{account.pk}").uncheck()
    ready.tick(account)

    ready.expect_closed("who can view it")


def test_C1_by_hand_privacy_must_be_chosen_and_offered(by_hand):
    assert "Choose who can view this post." in summary_of(by_hand(privacy_level=""))
    assert "does not offer" in summary_of(by_hand(privacy_level="FOLLOWER_OF_CREATOR"))
    assert "does not offer" in summary_of(by_hand(privacy_level="everyone"))
    assert not scheduled().exists()


@only_video
def test_C1_too_long_a_video_closes_publishing(screen, account, team):
    screen.media = make_media(team, duration_ms=601_000)

    screen.open(account).choose("Friends")

    screen.expect_closed(re.compile("601.0 s long, 600 s are allowed"))


@only_video
def test_C1_by_hand_too_long_a_video(by_hand, team):
    response = by_hand(media=make_media(team, duration_ms=601_000).pk)

    assert "The video is 601.0 s long" in summary_of(response)
    assert not scheduled().exists()


def test_C1_without_media_publishing_is_closed(screen, account):
    screen.open(account, media=None).choose("Friends")

    screen.expect_closed("a video" if screen.kind == "video" else "at least one photo")


def test_C1_by_hand_without_media(by_hand, kind):
    words = "Choose a video." if kind == "video" else "Choose at least one photo."

    assert words in summary_of(by_hand(media="", photos=[]))
    assert not scheduled().exists()


def test_C1_a_file_of_another_format_closes_publishing(screen, account, tmp_path):
    screen.open(account, media=None).choose("Friends")
    name = "notes.mp4" if screen.kind == "video" else "notes.jpg"

    screen.page.locator("#id_file").set_input_files(make_text(tmp_path / name))

    expect(screen.page.locator("#media-problems li")).to_be_visible()
    screen.expect_closed("a video" if screen.kind == "video" else "at least one photo")


def test_C1_too_large_a_file_closes_publishing(screen, account, tmp_path, settings):
    settings.MAX_UPLOAD_BYTES = 100
    screen.open(account, media=None).choose("Friends")
    name = "film.mp4" if screen.kind == "video" else "loaf.jpg"

    screen.page.locator("#id_file").set_input_files(make_text(tmp_path / name))

    expect(screen.page.locator("#media-problems li")).to_be_visible()
    screen.expect_closed("a video" if screen.kind == "video" else "at least one photo")


def test_C1_a_file_on_its_way_closes_publishing(ready, tmp_path):
    ready.page.route("**/uploads/**", lambda route: None)
    name = "film.mp4" if ready.kind == "video" else "loaf.jpg"

    ready.page.locator("#id_file").set_input_files(make_text(tmp_path / name))

    ready.expect_closed("the end of the upload")


@only_photo
def test_C1_more_than_35_photos_close_publishing(ready):
    ready.page.evaluate(
        """() => {
          const photo = document.querySelector("[data-photo]");
          for (let count = 0; count < 35; count += 1) photo.after(photo.cloneNode(true));
        }"""
    )

    ready.caption.fill("Many loaves")

    ready.expect_closed("at most 35 photos")


@only_photo
def test_C1_by_hand_more_than_35_photos(by_hand, team):
    many = [make_photo(team).pk for _ in range(36)]

    assert "These are 36 photos; TikTok takes up to 35" in summary_of(by_hand(photos=many))
    assert not scheduled().exists()


def test_C1_too_long_a_caption_closes_publishing(ready):
    ready.caption.fill("x" * 4001)

    ready.expect_closed(re.compile("a shorter (caption|description)"))


def test_C1_by_hand_too_long_a_caption(by_hand):
    assert "4001 characters as TikTok counts them" in summary_of(by_hand(caption="x" * 4001))
    assert not scheduled().exists()


def test_C1_disclosure_without_a_box_closes_publishing(ready):
    ready.disclosure.check()

    ready.expect_closed(S5)


def test_C1_by_hand_disclosure_without_a_box(by_hand):
    assert S5 in summary_of(by_hand(discloses_content="on"))
    assert not scheduled().exists()


def test_C1_private_branded_content_cannot_be_put_together(ready):
    ready.disclose(BRANDED)
    ready.page.evaluate("document.querySelector('[value=SELF_ONLY]').click()")
    expect(ready.audience_shown).to_have_text("Friends")
    ready.branded.uncheck()
    ready.choose("Only me")

    ready.branded.click(force=True)

    expect(ready.branded).not_to_be_checked()


def test_C1_private_branded_content_closes_publishing_whoever_put_it_together(ready):
    ready.disclose(BRANDED)
    ready.page.evaluate(
        """() => {
          const option = document.querySelector("[value=SELF_ONLY]");
          option.disabled = false;
          option.click();
        }"""
    )

    ready.expect_closed(S6)


def test_C1_by_hand_private_branded_content(by_hand):
    response = by_hand(discloses_content="on", is_branded_content="on", privacy_level="SELF_ONLY")

    assert S6 in summary_of(response)
    assert not scheduled().exists()


def test_C1_only_the_button_is_consent(ready):
    ready.caption.press("End")
    fields = [ready.title] if ready.kind == "photo" else []
    for field in [*fields, ready.page.locator("#id_due_time"), ready.your_brand]:
        if field.is_visible():
            field.press("Enter")
    ready.page.reload()
    ready.goto(f"{reverse('compose')}?action=now&action=schedule")

    assert not scheduled().exists()
    assert not Consent.objects.exists()


@pytest.mark.parametrize("action", [None, "", "publish"])
def test_C1_by_hand_only_the_button_is_consent(by_hand, action):
    response = by_hand(action=action) if action is not None else by_hand(action=[])

    assert response.status_code == 200
    assert "Fresh rolls" in words_of(response)
    assert not Consent.objects.exists()


# --- C2

PROMPTS = {None: {"video": None, "photo": None}, "S3": S3, "S4": S4}


def check_row(screen, account, boxes, prompt, declaration, only_me_is_free):
    """Brings the row about and looks at everything but what is sent."""
    screen.open(account)
    if boxes is not None:
        screen.disclose(*boxes)
    expected = PROMPTS[prompt][screen.kind]
    seen = screen.panel.locator(".disclosure-prompts .note:visible").filter(has_text="labeled as")
    expect(seen).to_have_text([expected] if expected else [])
    expect(screen.declaration).to_have_text(declaration)
    screen.audience.click()
    if only_me_is_free:
        expect(screen.panel.locator("[value=SELF_ONLY]")).to_be_enabled()
        expect(screen.option("Only me").get_by_text(S6)).to_be_hidden()
    else:
        expect(screen.panel.locator("[value=SELF_ONLY]")).to_be_disabled()
        expect(screen.option("Only me").get_by_text(S6)).to_be_visible()
    screen.option("Friends").click()


def toggles(sent):
    info = sent["post_info"]
    return info["brand_organic_toggle"], info["brand_content_toggle"]


def test_C2_off(screen, account, received):
    check_row(screen, account, None, None, S1, only_me_is_free=True)
    screen.post_now()

    assert toggles(received()) == (False, False)


def test_C2_off_only_me_is_taken(screen, account, received):
    screen.open(account).choose("Only me")
    screen.post_now()

    assert toggles(received()) == (False, False)


def test_C2_off_by_hand(by_hand, received):
    by_hand(is_your_brand="on", is_branded_content="on", privacy_level="SELF_ONLY")

    assert toggles(received()) == (False, False)


def test_C2_on_no_no(screen, account):
    check_row(screen, account, [], None, S1, only_me_is_free=True)

    screen.expect_closed(S5)


def test_C2_on_no_no_by_hand(by_hand, simulator):
    assert S5 in summary_of(by_hand(discloses_content="on"))
    assert not scheduled().exists()


def test_C2_on_yes_no(screen, account, received):
    check_row(screen, account, [YOUR_BRAND], "S3", S1, only_me_is_free=True)
    screen.post_now()

    assert toggles(received()) == (True, False)


def test_C2_on_yes_no_only_me_is_taken(screen, account, received):
    screen.open(account).disclose(YOUR_BRAND)
    screen.choose("Only me")
    screen.post_now()

    sent = received()
    assert toggles(sent) == (True, False)
    assert sent["post_info"]["privacy_level"] == "SELF_ONLY"


def test_C2_on_yes_no_by_hand(by_hand, received):
    by_hand(discloses_content="on", is_your_brand="on", privacy_level="SELF_ONLY")

    assert toggles(received()) == (True, False)


def test_C2_on_no_yes(screen, account, received):
    check_row(screen, account, [BRANDED], "S4", S2, only_me_is_free=False)
    screen.post_now()

    assert toggles(received()) == (False, True)


def test_C2_on_no_yes_by_hand(by_hand, received):
    refused = by_hand(discloses_content="on", is_branded_content="on", privacy_level="SELF_ONLY")
    by_hand(discloses_content="on", is_branded_content="on")

    assert S6 in summary_of(refused)
    assert toggles(received()) == (False, True)


def test_C2_on_yes_yes(screen, account, received):
    check_row(screen, account, [YOUR_BRAND, BRANDED], "S4", S2, only_me_is_free=False)
    screen.post_now()

    assert toggles(received()) == (True, True)


def test_C2_on_yes_yes_by_hand(by_hand, received):
    both = {"discloses_content": "on", "is_your_brand": "on", "is_branded_content": "on"}
    refused = by_hand(**both, privacy_level="SELF_ONLY")
    by_hand(**both)

    assert S6 in summary_of(refused)
    assert toggles(received()) == (True, True)


def test_C2_off_again_clears_both_boxes(screen, account, received):
    screen.open(account).choose("Friends")
    screen.disclose(YOUR_BRAND, BRANDED)

    screen.disclosure.uncheck()

    expect(screen.declaration).to_have_text(S1)
    screen.disclosure.check()
    expect(screen.your_brand).not_to_be_checked()
    expect(screen.branded).not_to_be_checked()
    screen.disclosure.uncheck()
    screen.post_now()
    assert toggles(received()) == (False, False)


# --- C3

LABELS = {"comment": "Allow Comment", "duet": "Duet", "stitch": "Stitch"}


@pytest.mark.parametrize("name", LABELS)
@only_video
def test_C3_a_free_control_of_a_video(screen, account, received, name):
    screen.open(account).choose("Friends")
    box = screen.box(LABELS[name])
    expect(box).to_be_enabled()
    expect(box).not_to_be_checked()

    box.check()
    screen.post_now()

    info = received()["post_info"]
    assert {other: info[f"disable_{other}"] for other in LABELS} == {
        other: other != name for other in LABELS
    }


@pytest.mark.parametrize("name", LABELS)
@only_video
def test_C3_a_free_control_of_a_video_by_hand(by_hand, received, name):
    by_hand(**{f"allow_{name}": "on"})

    info = received()["post_info"]
    assert [info[f"disable_{other}"] for other in LABELS] == [other != name for other in LABELS]


@pytest.mark.parametrize("name", LABELS)
@only_video
def test_C3_a_greyed_control_of_a_video(screen, account, simulator, received, name):
    simulator.add_creator(account.username, **{f"{name}_disabled": True})
    screen.open(account).choose("Friends")
    expect(screen.box(LABELS[name])).to_be_disabled()
    expect(screen.box(LABELS[name])).not_to_be_checked()

    screen.post_now()

    # TikTok would force it on by itself: free again, it shows what was really sent.
    simulator.add_creator(account.username, **{f"{name}_disabled": False})
    assert received()["post_info"][f"disable_{name}"] is True


@pytest.mark.parametrize("name", LABELS)
@only_video
def test_C3_a_greyed_control_of_a_video_by_hand(by_hand, account, simulator, received, name):
    simulator.add_creator(account.username, **{f"{name}_disabled": True})

    refused = by_hand(**{f"allow_{name}": "on"})
    by_hand()

    assert "off in TikTok, so they cannot be allowed." in summary_of(refused)
    simulator.add_creator(account.username, **{f"{name}_disabled": False})
    assert received()["post_info"][f"disable_{name}"] is True


@pytest.mark.parametrize("is_disabled", [False, True])
@only_photo
def test_C3_photos_have_no_duet_and_stitch(screen, account, simulator, received, is_disabled):
    flags = {"duet_disabled": is_disabled, "stitch_disabled": is_disabled}
    simulator.add_creator(account.username, **flags)
    screen.open(account).choose("Friends")
    expect(screen.box("Duet")).to_have_count(0)
    expect(screen.box("Stitch")).to_have_count(0)
    expect(screen.page.locator("[name*=duet], [name*=stitch]")).to_have_count(0)

    screen.post_now()

    simulator.add_creator(account.username, duet_disabled=False, stitch_disabled=False)
    info = received()["post_info"]
    assert info["disable_comment"] is True
    assert not {"disable_duet", "disable_stitch"} & info.keys()


@pytest.mark.parametrize("is_disabled", [False, True])
@only_photo
def test_C3_photos_have_no_duet_and_stitch_by_hand(
    by_hand, account, simulator, received, is_disabled
):
    flags = {"duet_disabled": is_disabled, "stitch_disabled": is_disabled}
    simulator.add_creator(account.username, **flags)

    by_hand(allow_duet="on", allow_stitch="on")

    simulator.add_creator(account.username, duet_disabled=False, stitch_disabled=False)
    assert not {"disable_duet", "disable_stitch"} & received()["post_info"].keys()
