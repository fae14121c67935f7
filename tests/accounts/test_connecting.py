from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.utils.timezone import now as current_moment

from accounts.connecting import ConnectRefused, begin_connect, disconnect, finish_connect
from accounts.lifetimes import token_columns
from accounts.models import AccountStatus, TikTokAccount
from tests.accounts.tiktok_side import (
    CREATOR,
    REVOKE_PATH,
    TOKEN_PATH,
    count_calls,
    is_accepted,
    make_live_account,
)
from tests.factories import make_account, make_member
from tiktok.app import App
from tiktok.oauth import TokenGrant

pytestmark = pytest.mark.django_db
CALLBACK = "http://localhost:8000/accounts/callback/"


@pytest.fixture
def now():
    return current_moment()


@pytest.fixture
def member():
    return make_member()


@pytest.fixture
def session():
    return SessionStore()


@pytest.fixture
def begin(app, session, member, now):
    def begin(**changes):
        arguments = {
            "redirect_uri": CALLBACK,
            "force_consent": False,
            "team": member.team,
            "now": now,
        }
        return begin_connect(session, changes.pop("app", app), **(arguments | changes))

    return begin


@pytest.fixture
def finish(app, session, member, now):
    def finish(query, **changes):
        arguments = {"session": session, "team": member.team, "now": now, "app": app} | changes
        return finish_connect(person=member.user, query=query, redirect_uri=CALLBACK, **arguments)

    return finish


@pytest.fixture
def connect(begin, finish, control):
    def connect(creator=CREATOR, **changes):
        query = control.authorize(begin(**changes), creator)
        return finish(query, **changes)

    return connect


def query_of(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_the_link_asks_for_the_scopes_that_are_used(begin, settings):
    settings.TIKTOK_OFFERS_INBOX = True

    assert query_of(begin())["scope"] == "user.info.basic,video.publish,video.upload"


def test_the_inbox_scope_is_not_asked_without_the_inbox(begin, settings):
    settings.TIKTOK_OFFERS_INBOX = False

    assert query_of(begin())["scope"] == "user.info.basic,video.publish"


@pytest.mark.parametrize(("forced", "sent"), [(True, "1"), (False, "0")])
def test_the_consent_page_is_forced_when_asked(begin, forced, sent):
    assert query_of(begin(force_consent=forced))["disable_auto_auth"] == sent


def test_states_are_long_and_never_the_same(begin):
    states = {query_of(begin())["state"] for _ in range(20)}

    assert len(states) == 20
    assert min(map(len, states)) >= 43


def test_a_connected_account_has_its_tokens_and_scopes(connect, control, app, member):
    account = connect().account

    assert is_accepted(app, account.access_token)
    assert account.team == member.team
    assert account.scopes == ["user.info.basic", "video.publish", "video.upload"]
    assert control.violations() == []


def test_a_connected_account_has_the_creators_name_and_picture(connect):
    account = TikTokAccount.objects.get(pk=connect().account.pk)

    assert account.nickname == "Maple Bakery"
    assert account.union_id
    assert account.avatar.size > 100


def test_a_new_account_takes_the_cap_from_the_settings(connect, settings):
    settings.TIKTOK_DAILY_CAP = 7

    assert connect().account.daily_cap == 7


def test_hues_go_round_within_the_team(connect, member):
    make_account(hue=5)
    make_account(member.team, hue=11)

    assert connect().account.hue == 0
    assert connect("quiet.studio").account.hue == 1


def test_a_profile_that_cannot_be_read_does_not_stop_the_connect(connect, control):
    control.inject_fault("unavailable", path="/v2/user/info/")

    assert connect().account.is_connected


def test_a_picture_that_cannot_be_read_does_not_stop_the_connect(connect, control):
    control.settings()
    control.inject_fault("drop_before", path="/avatars/*")

    assert connect().account.is_connected


def test_pkce_sends_the_verifier_of_its_own_link(control, begin, finish, app):
    control.settings(pkce_required=True)
    with_pkce = App(app.client_key, app.client_secret, app.api_url, app.authorize_url, True)
    first, second = begin(app=with_pkce), begin(app=with_pkce)

    connected = finish(control.authorize(first, CREATOR), app=with_pkce)

    assert connected.account.is_connected
    assert query_of(first)["code_challenge"] != query_of(second)["code_challenge"]


def test_no_challenge_is_sent_without_pkce(begin):
    assert "code_challenge" not in query_of(begin())


def test_two_tabs_can_connect_at_once(begin, finish, control):
    first, second = begin(), begin()

    finish(control.authorize(second, "quiet.studio"))
    finish(control.authorize(first, CREATOR))

    assert TikTokAccount.objects.count() == 2


class TestRefused:
    @pytest.fixture(autouse=True)
    def _nothing_is_stored(self, db):
        yield
        assert not TikTokAccount.objects.filter(status=AccountStatus.CONNECTED).exists()

    def test_by_the_person(self, begin, finish, control):
        query = control.authorize(begin(), CREATOR, decision="refuse")

        with pytest.raises(ConnectRefused, match="did not allow") as refused:
            finish(query)

        assert refused.value.code == "access_denied"

    def test_for_an_account_outside_the_sandbox(self, begin, finish):
        state = query_of(begin())["state"]
        query = {"error": "access_denied", "error_type": "non_sandbox_target", "state": state}

        with pytest.raises(ConnectRefused, match="target users"):
            finish(query)

    def test_with_a_code_nobody_documented(self, begin, finish):
        query = {"error": "brand_new_reason", "state": query_of(begin())["state"]}

        with pytest.raises(ConnectRefused, match="brand_new_reason"):
            finish(query)

    def test_without_a_state(self, begin, finish, control):
        query = control.authorize(begin(), CREATOR)
        del query["state"]

        with pytest.raises(ConnectRefused, match="Press Connect again"):
            finish(query)

    def test_with_a_state_of_another_session(self, begin, finish, control):
        query = control.authorize(begin(), CREATOR)

        with pytest.raises(ConnectRefused, match="does not belong"):
            finish(query, session=SessionStore())

        assert count_calls(control, TOKEN_PATH) == 0

    def test_with_a_state_older_than_ten_minutes(self, begin, finish, control, now):
        query = control.authorize(begin(), CREATOR)

        with pytest.raises(ConnectRefused, match="10 minutes"):
            finish(query, now=now + timedelta(minutes=10, seconds=1))

    def test_with_a_state_pushed_out_by_newer_ones(self, begin, finish, control):
        query = control.authorize(begin(), CREATOR)
        for _ in range(5):
            begin()

        with pytest.raises(ConnectRefused, match="does not belong"):
            finish(query)

    def test_after_the_team_was_changed(self, begin, finish, control):
        query = control.authorize(begin(), CREATOR)

        with pytest.raises(ConnectRefused, match="changed the team"):
            finish(query, team=make_member().team)

    def test_with_another_redirect_uri(self, begin, finish, control):
        query = control.authorize(begin(redirect_uri="http://localhost:9/accounts/"), CREATOR)

        with pytest.raises(ConnectRefused):
            finish(query)

    def test_without_a_code(self, begin, finish):
        with pytest.raises(ConnectRefused, match="incomplete"):
            finish({"state": query_of(begin())["state"]})

    def test_with_a_code_that_ran_out(self, begin, finish, control):
        control.settings(code_life_s=-1)
        query = control.authorize(begin(), CREATOR)

        with pytest.raises(ConnectRefused, match="too old or used") as refused:
            finish(query)

        assert refused.value.code == "invalid_grant"
        assert refused.value.log_id

    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            ("drop_before", "could not be reached"),
            ("drop_after", "could not be reached"),
            ("unavailable", "could not be reached"),
            ("html_200", "could not be reached"),
            ("rate_limit_exceeded", "too many calls"),
            ("invalid_client", "TIKTOK_CLIENT_SECRET"),
            ("temporarily_unavailable", "overloaded"),
            ("unsupported_grant_type", "refused the connection"),
        ],
    )
    def test_when_the_exchange_fails(self, begin, finish, control, fault, words):
        query = control.authorize(begin(), CREATOR)
        control.inject_fault(fault, path=TOKEN_PATH)

        with pytest.raises(ConnectRefused, match=words):
            finish(query)


def test_a_state_serves_once(begin, finish, control):
    query = control.authorize(begin(), CREATOR)
    finish(query)

    with pytest.raises(ConnectRefused, match="used before"):
        finish(query)

    assert count_calls(control, TOKEN_PATH) == 1


def test_a_used_state_leaves_the_session(begin, finish, control, session):
    finish(control.authorize(begin(), CREATOR))

    assert session["tiktok_connects"] == {}


def test_a_state_serves_once_even_if_both_requests_loaded_the_session(
    begin, finish, control, session
):
    query = control.authorize(begin(), CREATOR)
    copy = SessionStore()
    copy.update(session.items())
    finish(query)

    with pytest.raises(ConnectRefused):
        finish(query, session=copy)

    assert count_calls(control, TOKEN_PATH) == 1


def test_a_refusal_uses_the_state_up(begin, finish):
    state = query_of(begin())["state"]
    with pytest.raises(ConnectRefused):
        finish({"error": "access_denied", "state": state})

    with pytest.raises(ConnectRefused, match="used before"):
        finish({"code": "abcdef", "state": state})


@pytest.mark.parametrize(
    ("granted", "missing", "words"),
    [
        (["user.info.basic", "video.upload"], "video.publish", "cannot publish"),
        (["user.info.basic", "video.publish"], "video.upload", "cannot send drafts"),
        (["video.publish", "video.upload"], "user.info.basic", "name and picture"),
    ],
)
def test_a_missing_permission_is_named_with_its_consequence(
    begin, finish, control, granted, missing, words
):
    connected = finish(control.authorize(begin(), CREATOR, granted=granted))

    assert [each.scope for each in connected.missing_scopes] == [missing]
    assert words in str(connected.missing_scopes[0])


def test_nothing_is_missing_when_all_was_granted(connect):
    assert connect().missing_scopes == ()


class TestAgain:
    @pytest.fixture
    def account(self, control, member):
        return make_live_account(control, member.team, hue=4, daily_cap=3)

    def test_the_row_is_kept(self, account, connect):
        connected = connect()

        assert connected.account.pk == account.pk
        assert not connected.is_new

    def test_the_teams_own_choices_are_kept(self, account, connect):
        connected = connect()

        assert (connected.account.hue, connected.account.daily_cap) == (4, 3)

    @pytest.mark.parametrize("status", [AccountStatus.RECONNECT_NEEDED, AccountStatus.DISCONNECTED])
    def test_the_account_works_again(self, account, connect, app, status):
        TikTokAccount.objects.update(
            status=status, status_reason="because", refresh_failures=4, end_warned_days=1
        )

        again = connect().account

        assert again.is_connected
        assert is_accepted(app, again.access_token)
        assert (again.status_reason, again.refresh_failures) == ("", 0)
        assert again.end_warned_days is None

    def test_people_can_be_told_of_the_next_loss(self, account, connect, now):
        TikTokAccount.objects.update(reconnect_told_at=now)

        assert connect().account.reconnect_told_at is None

    def test_a_lease_on_the_old_pair_ends(self, account, connect, now):
        TikTokAccount.objects.update(refresh_lease_until=now + timedelta(minutes=1))

        assert connect().account.refresh_lease_until is None


class TestHeldByAnotherTeam:
    @pytest.fixture
    def theirs(self, control):
        return make_live_account(control)

    def test_it_is_refused_without_naming_that_team(self, theirs, connect):
        with pytest.raises(ConnectRefused, match="another team") as refused:
            connect()

        assert theirs.team.name not in refused.value.text

    def test_their_row_stays_as_it_was(self, theirs, connect):
        with pytest.raises(ConnectRefused):
            connect()

        stored = TikTokAccount.objects.get()
        assert stored.team == theirs.team
        assert stored.refresh_token == theirs.refresh_token

    def test_an_account_that_waits_for_a_reconnect_is_held_too(self, theirs, connect):
        TikTokAccount.objects.update(status=AccountStatus.RECONNECT_NEEDED)

        with pytest.raises(ConnectRefused):
            connect()

    def test_the_tokens_just_obtained_are_revoked(self, theirs, connect, control):
        with pytest.raises(ConnectRefused):
            connect()

        assert count_calls(control, REVOKE_PATH) == 1

    def test_a_failed_revocation_changes_nothing_for_the_person(self, theirs, connect, control):
        control.inject_fault("unavailable", path=REVOKE_PATH)

        with pytest.raises(ConnectRefused, match="another team"):
            connect()


class TestGivenUpByAnotherTeam:
    @pytest.fixture
    def theirs(self, control, app, now):
        account = make_live_account(control)
        disconnect(app, account, now)
        return account

    def test_it_becomes_a_new_account_of_this_team(self, theirs, connect, member):
        connected = connect()

        assert connected.is_new
        assert connected.account.team == member.team

    def test_their_row_stays_with_them_without_tokens(self, theirs, connect):
        connect()

        theirs.refresh_from_db()
        assert theirs.status == AccountStatus.DISCONNECTED
        assert theirs.refresh_token == ""

    def test_they_cannot_take_it_back_while_it_is_held(self, theirs, connect):
        connect()

        with pytest.raises(ConnectRefused):
            connect(team=theirs.team)

    def test_they_get_their_own_row_back_when_it_is_free(self, theirs, connect, app, now):
        disconnect(app, connect().account, now)

        again = connect(team=theirs.team)

        assert again.account.pk == theirs.pk
        assert not again.is_new


class TestDisconnect:
    @pytest.fixture
    def account(self, control):
        return make_live_account(control)

    def test_tiktok_is_told(self, account, app, now):
        token = account.access_token

        result = disconnect(app, account, now)

        assert result.is_tiktok_told
        assert not is_accepted(app, token)

    def test_the_tokens_are_deleted(self, account, app, now):
        disconnect(app, account, now)

        stored = TikTokAccount.objects.get()
        assert stored.status == AccountStatus.DISCONNECTED
        assert (stored.access_token_encrypted, stored.refresh_token_encrypted) == ("", "")

    @pytest.mark.parametrize("fault", ["drop_before", "unavailable", "invalid_client"])
    def test_a_failure_at_tiktok_still_deletes_them_and_is_said(
        self, account, app, now, control, fault
    ):
        control.inject_fault(fault, path=REVOKE_PATH)

        result = disconnect(app, account, now)

        assert "TikTok could not be told" in result.text
        assert TikTokAccount.objects.get().refresh_token_encrypted == ""

    def test_the_pair_of_a_refresh_since_the_page_was_opened_is_revoked(
        self, account, app, now, control
    ):
        fresh = control.issue_tokens(CREATOR)
        stored = TikTokAccount.objects.get()
        stored.access_token = fresh["access_token"]
        stored.save()

        disconnect(app, account, now)

        assert not is_accepted(app, fresh["access_token"])

    def test_a_second_disconnect_has_nothing_to_tell(self, account, app, now, control):
        disconnect(app, account, now)

        assert disconnect(app, account, now).is_tiktok_told
        assert count_calls(control, REVOKE_PATH) == 1


@pytest.mark.parametrize("empty", [{"access_token": ""}, {"refresh_token": ""}])
def test_an_empty_token_is_never_stored(now, empty):
    pair = {"access_token": "act.a", "refresh_token": "rft.b"} | empty
    grant = TokenGrant(
        open_id="x", scopes=frozenset(), expires_in_s=10, refresh_expires_in_s=20, **pair
    )

    with pytest.raises(ValueError, match="empty token"):
        token_columns(grant, now)
