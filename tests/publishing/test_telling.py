"""Who is told what, and that news is told once."""

from datetime import UTC, datetime

import pytest

from accounts.models import Role
from publishing.models import Attempt, JournalLine, Notice, NoticeChoice, NoticeKind
from publishing.states import State
from publishing.telling import tell, tell_of_changes
from tests.factories import make_member, make_team
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def told(**wanted):
    return {notice.person.email for notice in Notice.objects.filter(**wanted)}


def move(post, state, **options):
    post.move_to(state, now=NOW, reason="TikTok said so.", **options)
    tell_of_changes()


def test_a_failed_post_is_told_in_the_app_and_by_mail():
    post = make_post(state=State.UPLOADING)
    owner = make_member(post.team, Role.OWNER).user

    move(post, State.FAILED)

    notice = Notice.objects.get(person=owner)
    assert (notice.kind, notice.post, notice.text) == ("failed", post, "TikTok said so.")
    assert (notice.in_app, notice.by_mail, notice.at) == (True, True, NOW)


def test_a_published_post_is_told_in_the_app_only():
    post = make_post(state=State.PROCESSING)
    make_member(post.team, Role.EDITOR)

    move(post, State.PUBLISHED)

    assert told(kind="published", in_app=True, by_mail=False)
    assert not told(by_mail=True)


def test_what_a_person_did_is_no_news():
    post = make_post(state=State.SCHEDULED)
    owner = make_member(post.team, Role.OWNER).user

    move(post, State.NEEDS_ATTENTION, actor=owner)

    assert not Notice.objects.exists()


def test_a_change_is_told_once():
    post = make_post(state=State.UPLOADING)
    make_member(post.team, Role.OWNER)
    move(post, State.FAILED)
    before = Notice.objects.count()

    assert tell_of_changes() == 0
    assert Notice.objects.count() == before


def test_a_viewer_is_told_only_what_was_asked_for():
    team = make_team()
    viewer = make_member(team, Role.VIEWER).user
    NoticeChoice.objects.create(
        person=viewer, team=team, kind=NoticeKind.FAILED, in_app=False, by_mail=True
    )

    tell(team, NoticeKind.FAILED, "Not posted", NOW)
    tell(team, NoticeKind.UNCONFIRMED, "Maybe posted", NOW)

    [notice] = Notice.objects.filter(person=viewer)
    assert (notice.kind, notice.in_app, notice.by_mail) == ("failed", False, True)


def test_the_same_key_reaches_a_person_once():
    team = make_team()
    make_member(team, Role.OWNER)

    tell(team, NoticeKind.PREFLIGHT, "Photo missing", NOW, key="preflight-1-photo")
    tell(team, NoticeKind.PREFLIGHT, "Photo missing", NOW, key="preflight-1-photo")

    assert Notice.objects.count() == 1


def test_a_headline_is_one_short_line():
    team = make_team()
    make_member(team, Role.OWNER)

    tell(team, NoticeKind.FAILED, "Fresh\nbread\r\n" + "every day " * 50, NOW)

    headline = Notice.objects.get().headline
    assert headline.startswith("Fresh bread every day")
    assert headline.endswith("…")
    assert len(headline) == 200


def test_another_teams_members_hear_nothing():
    team, stranger = make_team(), make_member(make_team(), Role.OWNER).user

    tell(team, NoticeKind.FAILED, "Not posted", NOW)

    assert not Notice.objects.filter(person=stranger).exists()


def test_a_draft_in_the_inbox_is_told_with_what_to_do():
    post = make_post(state=State.PROCESSING, mode="inbox")
    make_member(post.team, Role.EDITOR)

    move(post, State.IN_INBOX)

    assert {notice.text for notice in Notice.objects.all()} == {
        "Open the notification in the TikTok app to finish the post."
    }


def test_the_code_is_that_of_the_last_attempt():
    post = make_post(state=State.UPLOADING)
    for number, code in ((1, "internal_error"), (2, "spam_risk")):
        ended_at = NOW if number == 1 else None
        attempt = Attempt.objects.create(
            post=post, number=number, claimed_at=NOW, ended_at=ended_at
        )
        JournalLine.objects.create(post=post, attempt=attempt, at=NOW, kind="x", code=code)

    move(post, State.FAILED)

    assert {notice.code for notice in Notice.objects.all()} == {"spam_risk"}
