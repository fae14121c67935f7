from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import AccountStatus, TikTokAccount
from publishing.states import State
from tests.factories import make_account
from tests.publishing.factories import make_post
from tests.publishing.photo_posts import make_begun_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(team):
    return make_account(team, nickname="Maple Bakery", username="maple.bakery")


def page_of(client):
    response = client.get(reverse("accounts"))
    assert response.status_code == 200
    return unescape(response.content.decode())


def begin(client):
    """The query that our Connect button takes to TikTok."""
    return parse_qs(urlsplit(press_connect(client)).query)


def press_connect(client):
    return client.post(reverse("account_connect")).url


def come_back(client, **query):
    return client.get(reverse("account_callback"), query, follow=True)


def test_an_account_stands_with_its_names(viewer, account):
    page = page_of(viewer)

    assert "Maple Bakery" in page
    assert "@maple.bakery" in page


def test_other_teams_accounts_are_not_shown(stranger, account):
    assert "Maple Bakery" not in page_of(stranger)


def test_drafts_without_an_account_pause_with_none(editor, team, account):
    make_begun_draft(team)

    assert "No post is scheduled for this account." in page_of(editor)


def test_a_missing_permission_says_what_will_not_work(viewer, team):
    make_account(team, scopes=["user.info.basic", "video.upload"])

    assert "Duecast cannot publish to this account" in page_of(viewer)


def test_a_lost_account_says_why_and_offers_to_reconnect(editor, team):
    make_account(team, status=AccountStatus.RECONNECT_NEEDED, status_reason="TikTok ended it.")

    page = page_of(editor)

    assert "Reconnect needed" in page
    assert "TikTok ended it." in page
    assert "Reconnect</button>" in page


def test_every_page_tells_of_a_lost_account(viewer, team):
    make_account(team, nickname="Maple", status=AccountStatus.RECONNECT_NEEDED)

    page = viewer.get(reverse("team")).content.decode()

    assert "act for Maple; its posts wait." in page


def test_other_teams_lost_accounts_are_not_told(stranger, team):
    make_account(team, nickname="Maple", status=AccountStatus.RECONNECT_NEEDED)

    assert "Maple" not in stranger.get(reverse("team")).content.decode()


def test_token_health_is_shown_in_the_teams_zone(viewer, team):
    ends_at = current_moment() + timedelta(days=180)
    make_account(team, refresh_expires_at=ends_at)

    assert f'datetime="{ends_at:%Y-%m-%dT%H:%M:%SZ}"' in page_of(viewer)


def test_failed_renewals_are_told(viewer, team):
    make_account(team, refresh_failures=3, refresh_error="TikTok did not answer.")

    page = page_of(viewer)

    assert "The last renewals (3) failed: TikTok did not answer." in page


def test_a_viewer_is_offered_no_changes(viewer, account):
    page = page_of(viewer)

    assert reverse("account_connect") not in page
    assert reverse("account_disconnect", args=[account.pk]) not in page


def test_anonymous_people_sign_in_first(client, account):
    assert client.get(reverse("accounts")).url.startswith(reverse("account_login"))


def test_connecting_goes_to_tiktok_with_our_callback(editor, settings):
    query = begin(editor)

    assert query["redirect_uri"] == [f"{settings.SITE_URL}/accounts/callback/"]
    assert query["disable_auto_auth"] == ["0"]


def test_a_further_account_always_shows_tiktoks_page(editor, account):
    assert begin(editor)["disable_auto_auth"] == ["1"]


def test_connecting_is_not_a_link(editor):
    assert editor.get(reverse("account_connect")).status_code == 405


def test_a_viewer_cannot_connect(viewer):
    assert viewer.post(reverse("account_connect")).status_code == 403


def test_a_granted_account_is_kept(editor, team, simulator):
    simulator.add_creator("maple.bakery", nickname="Maple Bakery")
    answer = simulator.authorize(press_connect(editor), "maple.bakery")

    response = come_back(editor, **answer)

    assert "Maple Bakery is connected." in response.content.decode()
    assert TikTokAccount.objects.get().team == team


def test_an_unticked_permission_is_told_at_once(editor, simulator):
    simulator.add_creator("maple.bakery")
    answer = simulator.authorize(
        press_connect(editor), "maple.bakery", granted=["user.info.basic", "video.upload"]
    )

    response = come_back(editor, **answer)

    assert "is missing: Duecast cannot publish" in unescape(response.content.decode())


def test_a_refusal_at_tiktok_is_explained(editor):
    state = begin(editor)["state"][0]

    response = come_back(editor, error="access_denied", state=state)

    assert response.status_code == 400
    assert "You did not allow the connection" in response.content.decode()


def test_an_answer_nobody_asked_for_connects_nothing(editor):
    response = come_back(editor, code="abc", state="guessed")

    assert response.status_code == 400
    assert not TikTokAccount.objects.exists()


def test_disconnecting_says_how_many_posts_it_pauses(editor, account):
    make_post(account)

    page = editor.get(reverse("account_disconnect", args=[account.pk])).content.decode()

    assert "1 scheduled post will be paused." in page


def test_disconnecting_pauses_the_posts(editor, account, simulator):
    post = make_post(account)

    response = editor.post(reverse("account_disconnect", args=[account.pk]), follow=True)

    assert "1 scheduled post paused." in response.content.decode()
    post.refresh_from_db()
    assert post.state == State.NEEDS_ATTENTION


def test_disconnecting_ends_the_connection(editor, account, simulator):
    editor.post(reverse("account_disconnect", args=[account.pk]))

    account.refresh_from_db()
    assert account.status == AccountStatus.DISCONNECTED


def test_a_viewer_cannot_disconnect(viewer, account):
    assert viewer.post(reverse("account_disconnect", args=[account.pk])).status_code == 403


def test_a_stranger_does_not_learn_of_an_account(stranger, account):
    assert stranger.post(reverse("account_disconnect", args=[account.pk])).status_code == 404


def test_an_avatar_is_served_to_the_team(viewer, account):
    account.avatar.save("face.png", ContentFile(b"picture"))

    response = viewer.get(reverse("account_avatar", args=[account.pk]))

    assert b"".join(response.streaming_content) == b"picture"
    assert response["Cache-Control"].startswith("private")


def test_an_avatar_is_not_served_to_strangers(stranger, account):
    account.avatar.save("face.png", ContentFile(b"picture"))

    assert stranger.get(reverse("account_avatar", args=[account.pk])).status_code == 404
