"""Accounts that must be connected again, told once with the posts at risk."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import AccountStatus, Role, TikTokAccount
from publishing.models import Notice, NoticeKind
from publishing.reconnecting import tell_of_lost_accounts, tell_of_near_ends
from publishing.states import State
from tests.factories import make_account, make_member
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def lose(account):
    TikTokAccount.objects.filter(pk=account.pk).update(
        status=AccountStatus.RECONNECT_NEEDED, status_reason="TikTok ended it."
    )


@pytest.fixture
def account():
    return make_account(nickname="Maple", now=NOW)


@pytest.fixture
def editor(account):
    return make_member(account.team, Role.EDITOR).user


def test_a_lost_account_is_told_in_the_app_and_by_mail(account, editor):
    lose(account)

    assert tell_of_lost_accounts(NOW) == 1

    notice = Notice.objects.get(person=editor)
    assert (notice.kind, notice.account) == (NoticeKind.RECONNECT_NEEDED, account)
    assert (notice.in_app, notice.by_mail) == (True, True)
    assert notice.headline == "Connect Maple again"
    assert "TikTok ended it." in notice.text
    assert "it posts until Fri 27 Nov, 13:00 CET and no longer" in notice.text


def test_a_lost_account_is_told_once(account, editor):
    lose(account)
    tell_of_lost_accounts(NOW)

    assert tell_of_lost_accounts(NOW) == 0
    assert Notice.objects.count() == 1


def test_the_posts_at_risk_are_listed_in_the_teams_zone(account, editor):
    make_post(account, author=editor, caption="Fresh bread", due_at=NOW + timedelta(days=2))
    make_post(account, author=editor, caption="Gone out", state=State.PUBLISHED)
    lose(account)

    tell_of_lost_accounts(NOW)

    text = Notice.objects.get(person=editor).text
    assert "- Sat 28 Nov, 13:00 CET: Fresh bread" in text
    assert "Gone out" not in text


def test_of_many_posts_the_first_twenty_are_listed(account, editor):
    post = make_post(account, author=editor)
    for number in range(21):
        make_post(account, author=editor, media=post.media, due_at=NOW + timedelta(days=number))
    lose(account)

    tell_of_lost_accounts(NOW)

    text = Notice.objects.get(person=editor).text
    assert text.count("\n- ") == 21
    assert "- and 2 more" in text


def test_a_near_end_is_told_once_per_number_of_days(account, editor):
    TikTokAccount.objects.update(refresh_expires_at=NOW + timedelta(days=6))

    assert tell_of_near_ends(NOW) == 1
    assert tell_of_near_ends(NOW) == 0
    assert tell_of_near_ends(NOW + timedelta(days=5, hours=1)) == 1

    headlines = list(Notice.objects.order_by("pk").values_list("headline", flat=True))
    assert headlines == [
        "Maple must be connected again within 7 days",
        "Maple must be connected again tomorrow",
    ]


def test_a_near_end_names_the_posts_at_risk(account, editor):
    make_post(account, author=editor, caption="Fresh bread", due_at=NOW + timedelta(days=2))
    TikTokAccount.objects.update(refresh_expires_at=NOW + timedelta(days=6))

    tell_of_near_ends(NOW)

    assert "Fresh bread" in Notice.objects.get(person=editor).text
