import json
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse

from accounts.models import Role
from publishing.consent import give_consent
from publishing.models import Mode
from publishing.states import State
from publishing.taking_back import reopen_post
from tests.factories import make_account, make_member, make_user
from tests.publishing.changing import change_post
from tests.publishing.factories import make_creator, make_post
from tests.publishing.photo_posts import make_begun_draft, make_photo_post

AGREED_AT = datetime(2026, 11, 26, 17, 30, 4, tzinfo=UTC)
CREATOR = make_creator(
    nickname="Maple Bakery", username="maple.bakery", max_video_post_duration_s=600
)


@pytest.fixture
def account(team):
    return make_account(team, nickname="Maple Bakery", open_id="-open-id-maple")


@pytest.fixture
def mara(team):
    user = make_user(name="Mara Lindqvist", email="mara@example.com")
    return make_member(team, Role.EDITOR, user=user).user


@pytest.fixture
def agreed(account, mara):
    """A scheduled post that Mara agreed to."""
    post = make_post(account, author=mara, is_consented=False, due_at=AGREED_AT, allow_comment=True)
    give_consent(post, mara, CREATOR, AGREED_AT)
    return post


def consent_part(client, post):
    page = client.get(reverse("post", args=[post.pk])).content.decode()
    return unescape(page.split('<section class="consent"')[1].split("</section>")[0])


def standing(client, post):
    page = unescape(client.get(reverse("post", args=[post.pk])).content.decode())
    return page.split('<div class="standing')[1].split('<section class="story"')[0]


def download(client, post):
    return client.get(reverse("post_consent_json", args=[post.pk]))


def exported(client, post):
    response = download(client, post)
    assert response.status_code == 200
    return json.loads(response.content)


def agree_again(post, person, minutes):
    later = AGREED_AT + timedelta(minutes=minutes)
    reopen_post(post, person, later)
    post = change_post(post, caption=f"Caption after {minutes} minutes")
    give_consent(post, person, CREATOR, later + timedelta(seconds=30))
    post.move_to(State.SCHEDULED, now=later, reason="Again.", next_action_at=post.due_at)
    return post


def test_the_record_says_who_agreed_when_and_for_which_account(viewer, agreed):
    part = consent_part(viewer, agreed)

    assert "Mara Lindqvist" in part
    assert "mara@example.com" in part
    assert "Thu 26 Nov 2026, 18:30:04 CET" in part
    assert "Maple Bakery" in part
    assert "-open-id-maple" in part
    assert "Valid" in part


def test_the_record_quotes_the_declaration_with_its_links(viewer, agreed):
    part = consent_part(viewer, agreed)

    link = "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en"
    assert "By posting, you agree to TikTok's <a " in part
    assert f'href="{link}" target="_blank" rel="noopener">Music Usage Confirmation</a>' in part
    assert "Version S1 2026-09" in part


def test_the_record_names_the_choices_and_what_was_offered(viewer, agreed):
    part = consent_part(viewer, agreed)

    assert "<dt>Who can view</dt><dd>Everyone</dd>" in part
    assert "<dt>Allowed</dt><dd>Comment</dd>" in part
    assert "<dt>Who can view</dt><dd>Everyone, Only me</dd>" in part
    assert "<dt>Switched off in TikTok</dt><dd>Duet, Stitch</dd>" in part
    assert "<dt>Longest video</dt><dd>600 s</dd>" in part


def test_the_record_shows_the_hash_of_everything(viewer, account):
    post = make_photo_post(account)

    part = consent_part(viewer, post)

    consent = post.consents.get()
    hashes = [*consent.media_sha256s, consent.title_sha256, consent.caption_sha256]
    assert len(hashes) == 5
    assert all(sha256 in part for sha256 in hashes)


def test_choices_of_photos_are_those_that_photos_have(viewer, account):
    part = consent_part(viewer, make_photo_post(account, cover=1, auto_add_music=True))

    assert "<dt>Cover</dt><dd>Photo 2 of 3</dd>" in part
    assert "<dt>Music</dt><dd>TikTok adds recommended music</dd>" in part


def test_an_inbox_record_says_that_tiktok_asks_the_creator(viewer, account):
    part = consent_part(viewer, make_post(account, mode=Mode.INBOX, privacy_level=""))

    assert "TikTok’s app asks the creator for every agreement" in part
    assert "TikTok was not asked" in part
    assert "Who can view" not in part


def test_a_voided_record_says_when_and_why(viewer, agreed, mara):
    reopen_post(agreed, mara, AGREED_AT + timedelta(minutes=5))

    part = consent_part(viewer, agreed)

    assert "Voided" in part
    assert "Thu 26 Nov 2026, 18:35:04 CET" in part
    assert "The post was reopened as a draft." in part


def test_older_records_stand_in_a_disclosure_newest_first(viewer, agreed, mara):
    post = agree_again(agree_again(agreed, mara, 10), mara, 20)

    newest, older = consent_part(viewer, post).split("2 older records")

    assert "18:50:34" in newest
    assert older.index("18:40:34") < older.index("18:30:04")
    assert "<dt>Since then</dt><dd>The caption was changed.</dd>" in older


def test_a_post_nobody_agreed_to_says_so(viewer, team):
    assert "Nobody has agreed to this post yet." in consent_part(viewer, make_begun_draft(team))


def test_a_changed_post_says_whose_consent_ended(viewer, agreed):
    changed = change_post(agreed, caption="Other")

    assert "The consent of Mara Lindqvist no longer counts: the caption was changed." in standing(
        viewer, changed
    )
    assert "Does not fit" in consent_part(viewer, changed)


def test_a_published_post_is_past_changing(viewer, agreed):
    published = change_post(agreed, state=State.PUBLISHED, next_action_at=None)

    assert "no longer counts" not in standing(viewer, published)


def test_whoever_reopens_a_post_is_told_that_the_consent_ended(editor, agreed):
    response = editor.post(reverse("post_reopen", args=[agreed.pk]), follow=True)

    assert "the consent no longer counts" in response.content.decode()


def test_reopening_a_post_nobody_agreed_to_ends_no_consent(editor, account):
    post = make_post(account, is_consented=False)

    response = editor.post(reverse("post_reopen", args=[post.pk]), follow=True)

    assert "no longer counts" not in response.content.decode()


def test_the_export_has_every_record_newest_first(viewer, agreed, mara):
    post = agree_again(agreed, mara, 10)

    export = exported(viewer, post)

    assert export["format"] == "duecast-consent/1"
    assert [one["state"] for one in export["consents"]] == ["valid", "voided"]
    assert export["consents"][0]["fingerprint"] == export["post"]["fingerprint"]
    assert export["consents"][1]["voided_reason"] == "The post was reopened as a draft."


def test_the_keys_of_the_export_are_stable(viewer, agreed):
    export = exported(viewer, agreed)

    assert list(export) == ["format", "exported_at", "post", "consents"]
    assert list(export["post"]) == [
        "id",
        "team",
        "kind",
        "mode",
        "state",
        "title",
        "caption",
        "due_at",
        "published_at",
        "publish_ids",
        "public_post_id",
        "fingerprint",
    ]
    assert list(export["consents"][0]) == [
        "id",
        "given_at",
        "person_email",
        "person_name",
        "account",
        "declaration",
        "options_offered",
        "choices",
        "media_sha256s",
        "title_sha256",
        "caption_sha256",
        "fingerprint",
        "state",
        "voided_at",
        "voided_reason",
    ]


def test_the_export_says_what_the_record_holds(viewer, agreed):
    [record] = exported(viewer, agreed)["consents"]

    consent = agreed.consents.get()
    assert record["given_at"] == "2026-11-26T17:30:04Z"
    assert (record["person_email"], record["person_name"]) == ("mara@example.com", "Mara Lindqvist")
    assert record["account"] == {"open_id": "-open-id-maple", "nickname_shown": "Maple Bakery"}
    assert record["declaration"]["text"] == consent.declaration
    assert record["options_offered"] == consent.options_offered
    assert record["choices"] == consent.choices
    assert record["media_sha256s"] == [agreed.media.sha256]


def test_somebody_who_left_stays_in_the_export_by_address(viewer, agreed, mara):
    mara.delete()

    [record] = exported(viewer, agreed)["consents"]

    assert (record["person_email"], record["person_name"]) == ("mara@example.com", None)


def test_the_export_is_a_file_that_names_the_post(viewer, agreed):
    response = download(viewer, agreed)

    name = f"consent-of-post-{agreed.pk}-maple-bakery-2026-11-26.json"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["Content-Type"] == "application/json"


def test_a_post_without_records_exports_none(viewer, team):
    draft = make_begun_draft(team)

    assert exported(viewer, draft)["consents"] == []
    assert f"consent-of-post-{draft.pk}.json" in download(viewer, draft)["Content-Disposition"]


def test_for_a_stranger_there_is_no_export(stranger, agreed):
    assert download(stranger, agreed).status_code == 404


def test_anonymous_people_are_led_to_sign_in(client, agreed):
    assert download(client, agreed)["Location"].startswith(reverse("account_login"))


def test_the_export_is_only_read(editor, agreed):
    assert editor.post(reverse("post_consent_json", args=[agreed.pk])).status_code == 405
