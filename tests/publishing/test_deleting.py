from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils.timezone import now as current_moment

from accounts.models import AccountStatus, Membership, Team, TikTokAccount, User
from publishing.deleting import DeletionRefused, delete_team, delete_tiktok_account
from publishing.models import (
    Attempt,
    Consent,
    JournalLine,
    MediaAsset,
    Notice,
    NoticeChoice,
    NoticeKind,
    NoticePace,
    Outcome,
    Post,
    StateChange,
    WebhookEvent,
)
from publishing.states import State
from publishing.telling import tell
from tests.factories import make_account, make_member, make_team
from tests.publishing.factories import make_media, make_post

pytestmark = pytest.mark.django_db
NOW = current_moment()


@pytest.fixture
def owner():
    return make_member(make_team())


@pytest.fixture
def account(owner):
    """Disconnected, with all that TikTok gave."""
    gone = make_account(
        owner.team,
        status=AccountStatus.DISCONNECTED,
        open_id="-open-id-maple",
        union_id="union-maple",
        username="maple.bakery",
        nickname="Maple Bakery",
        connected_by=owner.user,
    )
    gone.avatar.save("maple.webp", ContentFile(b"picture"))
    return gone


def make_attempt(post, **overrides):
    fields = {"number": 1, "claimed_at": NOW, "init_intended_at": NOW} | overrides
    return Attempt.objects.create(post=post, **fields)


def delete(account, owner):
    return delete_tiktok_account(account, owner.user, NOW)


def test_an_account_without_posts_leaves_no_row(account, owner):
    delete(account, owner)

    assert not TikTokAccount.objects.exists()


def test_its_picture_is_deleted_from_the_disk(account, owner, django_capture_on_commit_callbacks):
    storage, name = account.avatar.storage, account.avatar.name

    with django_capture_on_commit_callbacks(execute=True):
        delete(account, owner)

    assert not storage.exists(name)


def test_posts_that_never_reached_tiktok_go_with_their_consent(account, owner):
    for state in (State.DRAFT, State.NEEDS_ATTENTION, State.FAILED, State.CANCELED):
        make_post(account, state=state)

    assert delete(account, owner) == 0
    assert not Post.objects.exists()
    assert not Consent.objects.exists()


def test_the_teams_media_stay(account, owner):
    post = make_post(account, state=State.DRAFT)

    delete(account, owner)

    assert MediaAsset.objects.get() == post.media


@pytest.mark.parametrize("state", [State.PUBLISHED, State.IN_INBOX])
def test_a_post_that_reached_tiktok_stays_as_it_was(account, owner, state):
    make_post(account, state=state, caption="Fresh bread")

    assert delete(account, owner) == 1
    assert (Post.objects.get().state, Post.objects.get().caption) == (state, "Fresh bread")


def test_nothing_of_the_account_is_left_in_the_emptied_row(account, owner):
    make_post(account, state=State.PUBLISHED)

    delete(account, owner)

    values = TikTokAccount.objects.values().get()
    assert not [name for name, value in values.items() if "maple" in str(value).lower()]
    assert (values["nickname"], values["scopes"]) == ("Deleted account", [])


def test_tiktoks_answers_about_a_kept_post_go(account, owner):
    post = make_post(account, state=State.PUBLISHED, public_post_id="734", note="Maple Bakery")
    attempt = make_attempt(post, publish_id="v_pub~1")
    JournalLine.objects.create(post=post, attempt=attempt, kind="sent", log_id="2026")
    JournalLine.objects.create(post=post, kind="told", text="Maple Bakery")
    StateChange.objects.create(
        post=post, old="scheduled", new="published", reason="Maple Bakery", at=NOW
    )

    delete(account, owner)

    post.refresh_from_db()
    assert (post.public_post_id, post.note) == ("", "")
    assert not Attempt.objects.exists()
    assert not JournalLine.objects.exists()
    assert StateChange.objects.get().reason == ""


def test_what_people_were_told_about_it_goes(account, owner):
    post = make_post(account, state=State.PUBLISHED, author=owner.user)
    tell(owner.team, NoticeKind.TAKEN_DOWN, "No longer public", NOW, post=post, log_id="2026")
    tell(owner.team, NoticeKind.RECONNECT_NEEDED, "Connect Maple again", NOW, account=account)

    delete(account, owner)

    assert Post.objects.exists()
    assert not Notice.objects.exists()


def test_a_teams_notices_and_choices_go(owner):
    team, kind = owner.team, NoticeKind.FAILED
    tell(team, kind, "Not posted", NOW)
    NoticeChoice.objects.create(person=owner.user, team=team, kind=kind, in_app=True, by_mail=False)
    NoticePace.objects.create(person=owner.user, team=team)

    delete_team(team, NOW)

    left = [Notice, NoticeChoice, NoticePace]
    assert [model.objects.count() for model in left] == [0] * 3


def make_event(key, **values):
    fields = {"event": "post.publish.complete", "received_at": NOW} | values
    return WebhookEvent.objects.create(key=key, **fields)


def test_what_tiktok_reported_about_it_goes(account, owner):
    make_attempt(make_post(account, state=State.PUBLISHED), publish_id="v_pub~1")
    make_event("by its creator", user_openid=account.open_id)
    make_event("by its post", publish_id="v_pub~1")
    other = make_event("of somebody else", user_openid="-other", publish_id="v_pub~2")

    delete(account, owner)

    assert WebhookEvent.objects.get() == other


def test_what_tiktok_reported_about_a_team_s_accounts_goes(owner, account):
    make_event("by its creator", user_openid=account.open_id)

    delete_team(owner.team, NOW)

    assert not WebhookEvent.objects.exists()


def test_the_consent_of_a_kept_post_stays_whole(account, owner):
    make_post(account, state=State.PUBLISHED)
    before = Consent.objects.values().get()

    delete(account, owner)

    assert Consent.objects.values().get() == before


def test_a_post_whose_fate_is_unknown_stays_and_rests(account, owner):
    post = make_post(account, state=State.UNCONFIRMED, next_action_at=NOW)
    make_attempt(post)

    delete(account, owner)

    post.refresh_from_db()
    assert (post.state, post.next_action_at) == (State.CANCELED, None)


def test_a_post_that_tiktok_refused_goes(account, owner):
    post = make_post(account, state=State.FAILED)
    make_attempt(post, outcome=Outcome.NOT_POSTED, ended_at=NOW)

    delete(account, owner)

    assert not Post.objects.exists()


@pytest.mark.parametrize("status", [AccountStatus.CONNECTED, AccountStatus.RECONNECT_NEEDED])
def test_an_account_with_tokens_is_not_deleted(account, owner, status):
    TikTokAccount.objects.update(status=status)

    with pytest.raises(DeletionRefused, match="Disconnect it first"):
        delete(account, owner)


@pytest.mark.parametrize("state", [State.UPLOADING, State.PROCESSING])
def test_a_post_on_its_way_refuses_and_nothing_is_deleted(account, owner, state):
    make_post(account, state=state)
    make_post(account, state=State.DRAFT)

    with pytest.raises(DeletionRefused, match="on its way"):
        delete(account, owner)

    assert Post.objects.count() == 2


def test_a_post_in_a_workers_hands_refuses(account, owner):
    post = make_post(account)
    Post.objects.filter(pk=post.pk).update(lease_until=NOW + timedelta(seconds=30))

    with pytest.raises(DeletionRefused, match="on its way"):
        delete(account, owner)


def test_other_accounts_are_left_alone(account, owner):
    other = make_post(make_account(owner.team), state=State.DRAFT)

    delete(account, owner)

    assert Post.objects.get() == other


def test_the_same_creator_can_be_connected_anew(account, owner):
    make_post(account, state=State.PUBLISHED)
    delete(account, owner)

    make_account(owner.team, open_id="-open-id-maple")

    assert TikTokAccount.objects.count() == 2


def test_a_team_goes_with_everything_but_its_people(account, owner):
    make_post(account, state=State.PUBLISHED, author=owner.user)

    delete_team(owner.team, NOW)

    left = [Team, Membership, TikTokAccount, Post, MediaAsset, Consent]
    assert [model.objects.count() for model in left] == [0] * 6
    assert User.objects.get() == owner.user


def test_a_teams_files_are_deleted_from_the_disk(owner, django_capture_on_commit_callbacks):
    media = make_media(owner.team)

    with django_capture_on_commit_callbacks(execute=True):
        delete_team(owner.team, NOW)

    assert not media.file.storage.exists(media.file.name)


def test_a_team_with_a_connected_account_is_not_deleted(owner):
    make_account(owner.team, nickname="Maple Bakery")

    with pytest.raises(DeletionRefused, match="Disconnect Maple Bakery first"):
        delete_team(owner.team, NOW)


def test_a_team_with_a_post_on_its_way_is_not_deleted(account, owner):
    make_post(account, state=State.UPLOADING)

    with pytest.raises(DeletionRefused, match="on its way"):
        delete_team(owner.team, NOW)


def test_the_team_that_runs_the_site_outlives_the_others(owner):
    make_team()

    with pytest.raises(DeletionRefused, match="runs the site"):
        delete_team(owner.team, NOW)


def test_a_later_team_leaves_the_first_alone(owner):
    later = make_member()

    delete_team(later.team, NOW)

    assert Team.objects.get() == owner.team
