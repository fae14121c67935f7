"""The rules for posts that go out later (SCH-…), and for content that is not ours (POL-1).

What another module already holds is not repeated here: docs/ux-rules.md names its tests.
"""

import hashlib
import time
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import now as current_moment
from PIL import Image

from calendar_app.forms.compose import CHOICES, ChoicesForm
from publishing.drafts import save_draft
from publishing.media.intake import keep_upload
from publishing.models import MediaKind, Post
from publishing.plan import Plan
from publishing.refusals import PostRefused
from publishing.scheduling import schedule_post
from publishing.states import State
from tests.factories import make_account, make_member
from tests.publishing.conftest import step
from tests.publishing.factories import make_creator, make_media, make_photo, make_post

pytestmark = pytest.mark.django_db(transaction=True)

MUSIC_USAGE_URL = "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en"
BRANDED_CONTENT_URL = "https://www.tiktok.com/legal/page/global/bc-policy/en"
TEXT = "Fresh rolls \U0001f950 #bread"
CREATOR = make_creator(nickname="Ada bakes")


@pytest.fixture
def plan():
    """What a person decided on the posting screen, in an hour."""
    account = make_account()
    return Plan(
        account=account,
        media=make_media(account.team),
        caption=TEXT,
        privacy_level="PUBLIC_TO_EVERYONE",
        due_at=current_moment() + timedelta(hours=1),
    )


@pytest.fixture
def author(plan):
    return make_member(plan.account.team).user


def schedule(plan, person, form_token=None):
    now = current_moment()
    return schedule_post(plan.account.team, person, plan, form_token or uuid4(), CREATOR, now)


def nothing_was_sent(simulator):
    return simulator.posts() == [] and simulator.requests(path="init|upload") == []


# --- SCH-1: every post carries its own choices


def test_SCH_1_a_new_post_has_made_no_choice():
    post = Post()

    assert [bool(getattr(post, name)) for name in CHOICES] == [False] * len(CHOICES)


def test_SCH_1_no_team_account_or_setting_could_fill_a_choice(settings):
    holders = {
        model for model in apps.get_models() for f in model._meta.fields if f.name in CHOICES
    }
    assert holders == {Post}

    words = ("PRIVACY", "ALLOW_COMMENT", "DUET", "STITCH", "DISCLOS", "BRAND", "AIGC")
    assert not [name for name in dir(settings) for word in words if word in name]


def test_SCH_1_the_form_begins_with_nothing_chosen():
    form = ChoicesForm(account=make_account())

    assert not any(form[name].value() for name in CHOICES)


def test_SCH_1_a_post_without_choices_is_not_scheduled(plan, author):
    with pytest.raises(PostRefused) as refused:
        schedule(replace(plan, privacy_level=""), author)

    assert [problem.code for problem in refused.value.problems] == ["privacy_not_chosen"]


def test_SCH_1_a_post_that_lost_its_choice_waits_for_a_person(simulator, connect):
    post = make_post(connect(), privacy_level="")

    step()

    post.refresh_from_db()
    assert (post.state, post.privacy_level) == (State.NEEDS_ATTENTION, "")
    assert "Choose who can view this post." in post.note
    assert nothing_was_sent(simulator)


def test_SCH_1_a_draft_whose_moment_comes_stays_a_draft(simulator, connect):
    post = make_post(connect(), state=State.DRAFT, is_consented=False)

    step()

    post.refresh_from_db()
    assert post.state == State.DRAFT
    assert simulator.requests() == []


# --- SCH-2: the record of the consent


def test_SCH_2_the_record_holds_all_that_was_agreed_to(plan, author):
    branded = {"discloses_content": True, "is_branded_content": True, "allow_comment": True}
    before = current_moment()

    consent = schedule(replace(plan, **branded), author).consents.get()

    assert (consent.person, consent.person_email) == (author, author.email)
    assert before <= consent.given_at <= current_moment()
    assert (consent.open_id, consent.nickname_shown) == (plan.account.open_id, "Ada bakes")
    assert consent.declaration == (
        "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation."
    )
    assert consent.declaration_links == {
        "Branded Content Policy": BRANDED_CONTENT_URL,
        "Music Usage Confirmation": MUSIC_USAGE_URL,
    }
    assert consent.choices["privacy_level"] == "PUBLIC_TO_EVERYONE"
    assert {name: consent.choices[name] for name in branded} == branded
    assert consent.options_offered["privacy_level_options"] == ["PUBLIC_TO_EVERYONE", "SELF_ONLY"]
    assert consent.media_sha256s == [plan.media.sha256]
    assert consent.caption_sha256 == hashlib.sha256(TEXT.encode()).hexdigest()


def test_SCH_2_the_record_of_photos_holds_each_of_them_in_order(plan, author):
    photos = tuple(make_photo(plan.account.team) for _ in range(3))
    content = {"kind": MediaKind.PHOTO, "photos": photos, "media": photos[1], "title": "Loaves"}

    consent = schedule(replace(plan, **content), author).consents.get()

    assert consent.media_sha256s == [photo.sha256 for photo in photos]
    assert consent.title_sha256 == hashlib.sha256(b"Loaves").hexdigest()
    assert consent.choices["photo_cover_index"] == 1


# --- SCH-4: the creator is asked again when the post goes out


def test_SCH_4_the_creator_is_asked_again(simulator, connect, run_until):
    run_until(make_post(connect()), State.PUBLISHED)

    asked = simulator.requests(path="creator_info/query")
    began = simulator.requests(path="video/init")
    assert asked[0]["at"] <= began[0]["at"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"privacy_level_options": ["SELF_ONLY"]}, "does not offer “Everyone”"),
        ({"max_video_post_duration_sec": 3}, "may post up to 3 s"),
        ({"is_banned": True}, "does not let this creator post at the moment"),
    ],
    ids=["audience", "duration", "banned"],
)
def test_SCH_4_what_no_longer_holds_stops_the_post(simulator, connect, change, words):
    account = connect()
    post = make_post(account)
    chosen = post.choices()
    simulator.add_creator(account.username, **change)

    step()

    post.refresh_from_db()
    assert post.state == State.NEEDS_ATTENTION
    assert words in post.note
    assert post.choices() == chosen
    assert nothing_was_sent(simulator)


def test_SCH_4_an_interaction_switched_off_since_is_harmless(simulator, connect, run_until):
    account = connect()
    post = make_post(account, allow_comment=True)
    simulator.add_creator(account.username, comment_disabled=True)

    run_until(post, State.PUBLISHED)

    [sent] = simulator.posts()
    assert sent["post_info"]["disable_comment"] is True
    assert post.allow_comment


# --- SCH-5: nothing leaves before its moment


def test_SCH_5_ahead_of_the_moment_only_the_creator_is_asked(simulator, connect):
    post = make_post(connect(), due_at=current_moment() + timedelta(seconds=4))

    step()

    post.refresh_from_db()
    assert post.state == State.SCHEDULED
    assert {request["path"] for request in simulator.requests()} == {
        "/v2/post/publish/creator_info/query/"
    }


def test_SCH_5_the_bytes_come_at_the_moment(simulator, connect, run_until):
    due_at = current_moment() + timedelta(seconds=1)
    post = make_post(connect(), due_at=due_at)
    step()
    # TikTok may be asked 20 times a minute about a creator: one early look is enough.
    time.sleep(max(0, (due_at - current_moment()).total_seconds()))
    run_until(post, State.PUBLISHED)

    sent = simulator.requests(path="video/init|upload")

    assert len(sent) == 2
    assert min(request["at"] for request in sent) >= due_at.timestamp()
    assert post.state == State.PUBLISHED


# --- SCH-8: who pressed the button


def test_SCH_8_the_record_names_who_pressed_the_button(plan, author):
    form_token = uuid4()
    draft = save_draft(plan.account.team, author, plan, form_token, current_moment())
    approver = make_member(plan.account.team).user

    post = schedule(plan, approver, form_token)

    assert post.pk == draft.pk
    assert post.author == author
    consent = post.consents.get()
    assert (consent.person, consent.person_email) == (approver, approver.email)
    assert post.state_changes.get(new=State.SCHEDULED).actor == approver


# --- POL-1: nothing of this app in or on the content


@pytest.fixture
def brand(settings):
    settings.PRODUCT_NAME = "Brightmark"
    return "Brightmark"


def test_POL_1_a_video_leaves_as_it_came(simulator, connect, run_until, brand):
    post = make_post(connect(), caption=TEXT)

    run_until(post, State.PUBLISHED)

    [sent] = simulator.posts()
    assert sent["sha256"] == post.media.sha256
    assert sent["post_info"]["title"] == TEXT
    assert brand not in repr(sent)
    assert simulator.violations() == []


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP", "PNG"])
def test_POL_1_a_photo_is_given_nothing(brand, file_format):
    team = make_account().team
    came = BytesIO()
    Image.new("RGB", (360, 640), (12, 140, 90)).save(came, file_format)
    file = SimpleUploadedFile("loaf", came.getvalue())

    photo = keep_upload(team, None, file, current_moment(), MediaKind.PHOTO)

    with photo.file.open("rb") as kept, Image.open(kept) as picture:
        # One colour from edge to edge, but for the encoder: nothing was drawn onto it.
        assert all(high - low <= 8 for low, high in picture.convert("RGB").getextrema())
        assert not {"exif", "comment", "xmp", "icc_profile"} & picture.info.keys()
    with photo.file.open("rb") as kept:
        content = kept.read()
    assert b"Brightmark" not in content
    assert b"Duecast" not in content
