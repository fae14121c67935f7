import ast
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.timezone import now as current_moment

from publishing.consent import (
    BRANDED,
    STANDARD,
    Declaration,
    changed_words,
    content_agreed_to,
    content_of,
    has_valid_consent,
    void_consents,
    what_changed,
    why_no_consent,
)
from publishing.drafts import save_draft
from publishing.models import Consent, Mode, Post
from publishing.models.consent import AppendOnly
from publishing.plan import Plan
from publishing.rescheduling import reschedule_post
from publishing.states import State
from publishing.taking_back import reopen_post
from tests.factories import make_account, make_member, make_team
from tests.publishing.changing import change_post, order_photos
from tests.publishing.factories import make_media, make_photo, make_post
from tests.publishing.photo_posts import make_photo_post

pytestmark = pytest.mark.django_db
NOW = current_moment()
PRODUCT = ("accounts", "calendar_app", "publishing")


def differences(post):
    return what_changed(content_agreed_to(post.consents.last()), content_of(post))


def save_changed(post, **changes):
    """Saves the draft as the posting screen does, with some values changed."""
    values = {
        name: getattr(post, name)
        for name in ("account", "media", "mode", "kind", "title", "caption", "privacy_level")
    }
    plan = Plan(**values | {"photos": tuple(post.files()) if post.title else ()} | changes)
    return save_draft(post.team, post.author, plan, post.form_token, current_moment())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, []),
        ({"caption": "Other"}, ["the caption"]),
        ({"privacy_level": "SELF_ONLY"}, ["the audience"]),
        ({"allow_comment": True}, ["the interactions"]),
        ({"allow_duet": True, "allow_stitch": True}, ["the interactions"]),
        ({"discloses_content": True, "is_your_brand": True}, ["the disclosure"]),
        ({"is_ai_generated": True}, ["the AI label"]),
        ({"cover_timestamp_ms": 1200}, ["the cover"]),
        ({"mode": Mode.INBOX}, ["the mode"]),
        ({"title": "A video has none"}, []),
        ({"due_at": NOW + timedelta(days=3)}, []),
    ],
)
def test_what_changed_in_a_video_post(changes, words):
    assert differences(change_post(make_post(), **changes)) == words


def test_another_video_is_other_media():
    post = make_post()

    assert differences(change_post(post, media=make_media(post.team))) == ["the media"]


def test_another_account_is_named():
    post = make_post()

    assert differences(change_post(post, account=make_account(post.team))) == ["the account"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": "Four loaves"}, ["the title"]),
        ({"auto_add_music": True}, ["the music"]),
        ({"allow_comment": True}, ["the interactions"]),
        # Photos know no duets: nothing TikTok would get has changed.
        ({"allow_duet": True}, []),
    ],
)
def test_what_changed_in_a_photo_post(changes, words):
    assert differences(change_post(make_photo_post(), **changes)) == words


def test_photos_in_another_order_are_told_from_another_cover():
    post = make_photo_post()
    first, second, third = post.files()

    order_photos(post, [first, third, second])
    assert differences(Post.objects.get(pk=post.pk)) == ["the order of the photos"]

    order_photos(post, [first, second, third])
    assert differences(change_post(post, media=third)) == ["the cover"]


def test_a_photo_more_is_other_media():
    post = make_photo_post()

    order_photos(post, [*post.files(), make_photo(post.team)])

    assert differences(post) == ["the media"]


def test_what_changed_is_said_in_one_sentence():
    assert changed_words(["the caption"]) == "The caption was changed."
    assert changed_words(["the media", "the title", "the music"]) == (
        "The media, the title and the music were changed."
    )
    assert changed_words(["the content or the choices"]) == (
        "The content or the choices were changed."
    )


def test_the_reason_fits_its_column_when_everything_changed():
    post = make_photo_post()
    agreed = content_of(post)
    other = {name: not value for name, value in agreed.choices.items()}
    everything = replace(agreed, choices=other | {"photo_cover_index": 1}, media_sha256s=["1", "2"])
    everything = replace(everything, open_id="o", title_sha256="t", caption_sha256="c")

    reason = changed_words(what_changed(agreed, everything))

    assert reason.count(",") == 9
    assert len(reason) <= Consent._meta.get_field("voided_reason").max_length


def test_an_edit_voids_the_consent_and_says_what_changed():
    post = change_post(make_post(), caption="Other", privacy_level="SELF_ONLY")

    assert void_consents(post, post.author, NOW) == 1

    consent = post.consents.get()
    assert (consent.voided_at, consent.voided_reason) == (
        NOW,
        "The caption and the audience were changed.",
    )
    assert post.journal.get().text == (
        "The consent no longer counts: the caption and the audience were changed."
    )


def test_without_a_change_nothing_is_voided():
    post = make_post()

    assert void_consents(post, post.author, NOW) == 0
    assert has_valid_consent(post)
    assert not post.journal.exists()


def test_only_the_time_changed_keeps_the_consent():
    post = make_post(due_at=NOW + timedelta(hours=1))

    reschedule_post(post, NOW + timedelta(days=2), post.author, NOW)

    post = Post.objects.get(pk=post.pk)
    assert void_consents(post, post.author, NOW) == 0
    assert has_valid_consent(post)


def test_editing_a_reopened_post_tells_its_story_what_changed_once():
    post = make_post()
    reopen_post(post, post.author, current_moment())

    for _ in range(2):
        post = save_changed(post, caption="Other")

    assert [line.text for line in post.journal.all()] == [
        "The consent no longer counts: the caption was changed."
    ]


def test_saving_a_reopened_post_unchanged_is_no_story():
    post = make_post()
    reopen_post(post, post.author, current_moment())

    save_changed(post)

    assert not post.journal.exists()


def test_why_the_consent_does_not_count_names_who_gave_it():
    post = make_post()
    post.author.name = "Mara Lindqvist"
    post.author.save()

    assert why_no_consent(post) == ""
    assert why_no_consent(change_post(post, caption="Other")) == (
        "The consent of Mara Lindqvist no longer counts: the caption was changed."
    )
    assert why_no_consent(change_post(make_post(is_consented=False), caption="Other")) == ""


def test_a_reopened_and_changed_post_says_both():
    post = make_post()
    post.author.name = "Mara Lindqvist"
    post.author.save()
    reopen_post(post, post.author, current_moment())

    who = "The consent of Mara Lindqvist no longer counts: the post was reopened as a draft"
    assert why_no_consent(post) == f"{who}."
    assert why_no_consent(save_changed(post, caption="Other")) == (
        f"{who}, and the caption was changed."
    )


def test_somebody_who_left_is_named_by_the_address_of_then():
    member = make_member(make_team())
    post = make_post(make_account(member.team), author=member.user)
    email = member.user.email
    member.user.delete()

    assert f"The consent of {email} no longer" in why_no_consent(change_post(post, caption="X"))


def test_reopening_says_how_many_consents_ended():
    post = make_post()

    assert reopen_post(post, post.author, NOW) == 1
    assert post.consents.get().voided_reason == "The post was reopened as a draft."


@pytest.mark.parametrize(
    "change",
    [
        lambda consent: consent.save(),
        lambda consent: consent.delete(),
        lambda consent: Consent.objects.update(choices={}),
        lambda consent: Consent.objects.filter(pk=consent.pk).delete(),
        lambda consent: consent.post.consents.update(voided_at=None),
        lambda consent: Consent.objects.bulk_update([consent], ["choices"]),
    ],
)
def test_a_record_is_never_changed_or_deleted(change):
    consent = make_post().consents.get()

    with pytest.raises(AppendOnly):
        change(consent)


def test_a_record_is_voided_once():
    post = make_post()
    post.consents.void("First.", NOW)

    assert post.consents.void("Second.", NOW + timedelta(hours=1)) == 0
    assert post.consents.get().voided_reason == "First."


def test_records_go_with_their_post():
    post = make_post(state=State.CANCELED)

    post.delete()

    assert not Consent.objects.exists()


def enders(tree):
    """The functions in which a consent is voided or its voiding written by hand."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if called and (
                node.func.attr == "void"
                or (
                    node.func.attr not in {"filter", "exclude", "get"}
                    and {word.arg for word in node.keywords} & {"voided_at", "voided_reason"}
                )
            ):
                yield function.name
            written = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
            if written and node.attr.startswith("voided_"):
                yield function.name


def test_only_an_edit_reopening_and_a_request_for_changes_end_a_consent():
    sources = [file for part in PRODUCT for file in (settings.BASE_DIR / part).rglob("*.py")]
    trees = [ast.parse(Path(file).read_text("utf-8")) for file in sources]

    found = {name for tree in trees for name in enders(tree)}

    assert found == {"void", "void_consents", "reopen_post", "send_back"}


@pytest.mark.parametrize("declaration", [STANDARD, BRANDED])
def test_a_declaration_in_parts_is_the_whole_sentence(declaration):
    backwards = dict(reversed(declaration.links.items()))

    parts = Declaration(declaration.text, backwards, declaration.version).parts()

    assert "".join(text for text, _ in parts) == declaration.text
    assert [(text, url) for text, url in parts if url] == list(declaration.links.items())
