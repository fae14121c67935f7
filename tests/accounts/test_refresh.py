from datetime import UTC, datetime, timedelta

import pytest
from django.utils.timezone import now as current_moment

from accounts import refresh
from accounts.models import AccountStatus, TikTokAccount
from accounts.refresh import (
    ReconnectNeeded,
    TokenBusy,
    refresh_due_accounts,
    replace_rejected_token,
    usable_access_token,
)
from tests.accounts.tiktok_side import (
    TOKEN_PATH,
    count_calls,
    is_accepted,
    make_live_account,
)

pytestmark = pytest.mark.django_db
LIVES_S = [("2026-11", 7_200), ("older", 86_400)]


@pytest.fixture
def now():
    return current_moment()


@pytest.fixture
def account(control, now):
    return make_live_account(control, now=now)


@pytest.fixture
def past_due(now):
    return now + timedelta(seconds=86_400 * 0.76)


@pytest.fixture
def past_access(now):
    return now + timedelta(seconds=86_401)


@pytest.mark.parametrize(("generation", "life_s"), LIVES_S)
def test_a_token_before_three_quarters_of_its_life_is_used_as_it_is(
    app, control, now, generation, life_s
):
    control.settings(token_generation=generation)
    account = make_live_account(control, now=now)

    token = usable_access_token(app, account, now + timedelta(seconds=life_s * 0.74))

    assert token == account.access_token
    assert count_calls(control, TOKEN_PATH) == 0


@pytest.mark.parametrize(("generation", "life_s"), LIVES_S)
def test_a_token_past_three_quarters_of_its_life_is_refreshed_before_use(
    app, control, now, generation, life_s
):
    control.settings(token_generation=generation)
    account = make_live_account(control, now=now)

    token = usable_access_token(app, account, now + timedelta(seconds=life_s * 0.75))

    assert token != account.access_token
    assert is_accepted(app, token)
    assert count_calls(control, TOKEN_PATH) == 1


@pytest.mark.parametrize(("generation", "life_s"), LIVES_S)
def test_the_next_refresh_follows_from_the_returned_lifetime(app, control, now, generation, life_s):
    control.settings(token_generation=generation)
    account = make_live_account(control, now=now)
    later = now + timedelta(seconds=life_s * 0.8)

    refresh_due_accounts(app, later)

    account.refresh_from_db()
    assert account.access_expires_at - later == pytest.approx(
        timedelta(seconds=life_s), abs=timedelta(seconds=1)
    )
    part = (account.refresh_due_at - later).total_seconds() / life_s
    assert 0.7124 <= part <= 0.7501


def test_the_stored_pair_serves_for_the_next_refresh(app, control, account, past_due):
    usable_access_token(app, account, past_due)
    account.refresh_from_db()

    usable_access_token(app, account, past_due + timedelta(days=1))

    assert count_calls(control, TOKEN_PATH) == 2
    assert control.violations() == []


def test_the_sweep_leaves_accounts_that_are_not_due(app, control, account, now):
    refresh_due_accounts(app, now)

    assert count_calls(control, TOKEN_PATH) == 0


def test_the_sweep_leaves_a_disconnected_account(app, control, account, past_due):
    TikTokAccount.objects.update(status=AccountStatus.DISCONNECTED)

    refresh_due_accounts(app, past_due)

    assert count_calls(control, TOKEN_PATH) == 0


def test_a_refresh_takes_over_the_scopes_of_the_answer(app, control, account, past_due):
    granted = account.scopes
    TikTokAccount.objects.update(scopes=[*granted, "an.older.one"])

    refresh_due_accounts(app, past_due)

    account.refresh_from_db()
    assert account.scopes == granted


def test_a_lost_permission_is_logged(app, control, account, past_due, caplog):
    TikTokAccount.objects.update(scopes=[*account.scopes, "an.older.one"])

    refresh_due_accounts(app, past_due)

    assert "an.older.one" in caplog.text


def test_no_token_is_logged(app, control, account, past_due, caplog):
    caplog.set_level("DEBUG")

    token = usable_access_token(app, account, past_due)

    assert "Tokens refreshed" in caplog.text
    assert token not in caplog.text
    assert account.refresh_token not in caplog.text


def test_another_holder_of_the_lease_leaves_the_current_token_in_use(
    app, control, account, past_due
):
    TikTokAccount.objects.update(refresh_lease_until=past_due + timedelta(seconds=30))

    token = usable_access_token(app, account, past_due)

    assert token == account.access_token
    assert count_calls(control, TOKEN_PATH) == 0


def test_without_a_living_token_the_losers_are_told_to_come_back(
    app, control, account, past_access
):
    TikTokAccount.objects.update(refresh_lease_until=past_access + timedelta(seconds=30))

    with pytest.raises(TokenBusy) as busy:
        usable_access_token(app, account, past_access)

    assert busy.value.retry_at > past_access


def test_a_lease_that_ran_out_is_taken_over(app, control, account, past_due):
    TikTokAccount.objects.update(refresh_lease_until=past_due)

    refresh_due_accounts(app, past_due)

    assert count_calls(control, TOKEN_PATH) == 1


def test_the_lease_outlives_the_slowest_answer(app, account, past_due, monkeypatch):
    leases = []
    real = refresh.refresh_token

    def note_lease(*args, **kwargs):
        leases.append(TikTokAccount.objects.get().refresh_lease_until)
        return real(*args, **kwargs)

    monkeypatch.setattr(refresh, "refresh_token", note_lease)
    usable_access_token(app, account, past_due)

    assert leases[0] - past_due > timedelta(seconds=app.connect_timeout_s + app.read_timeout_s)


@pytest.mark.parametrize(
    "fault", ["unavailable", "drop_before", "html_200", "rate_limit_exceeded", "invalid_client"]
)
def test_a_failure_that_may_pass_keeps_the_current_token(app, control, account, past_due, fault):
    control.inject_fault(fault, path=TOKEN_PATH)

    token = usable_access_token(app, account, past_due)

    assert token == account.access_token


@pytest.mark.parametrize("fault", ["unavailable", "drop_before", "html_200", "invalid_client"])
def test_a_failure_that_may_pass_is_tried_again_later(app, control, account, past_due, fault):
    control.inject_fault(fault, path=TOKEN_PATH)

    refresh_due_accounts(app, past_due)

    account.refresh_from_db()
    assert account.status == AccountStatus.CONNECTED
    assert account.refresh_failures == 1
    assert account.refresh_error
    assert account.refresh_due_at > past_due
    assert account.refresh_lease_until is None


def test_nothing_is_asked_before_the_next_try_is_due(app, control, account, past_due):
    control.inject_fault("unavailable", path=TOKEN_PATH)
    refresh_due_accounts(app, past_due)

    refresh_due_accounts(app, past_due + timedelta(seconds=5))

    assert count_calls(control, TOKEN_PATH) == 1


def test_a_row_read_before_a_failure_does_not_skip_the_wait(app, control, account, past_due):
    TikTokAccount.objects.update(refresh_due_at=past_due + timedelta(seconds=30))

    outcome = refresh.refresh_account(app, account, past_due)

    assert outcome == refresh.Outcome.NOT_MINE
    assert count_calls(control, TOKEN_PATH) == 0


def test_a_row_read_before_its_pair_changed_is_not_refreshed(app, control, account, past_due):
    changed = TikTokAccount.objects.get()
    changed.refresh_token = "rft.newer"
    changed.save()

    outcome = refresh.refresh_account(app, account, past_due)

    assert outcome == refresh.Outcome.NOT_MINE
    assert count_calls(control, TOKEN_PATH) == 0


def test_the_next_try_succeeds_and_forgets_the_failure(app, control, account, past_due):
    control.inject_fault("unavailable", path=TOKEN_PATH)
    refresh_due_accounts(app, past_due)

    refresh_due_accounts(app, past_due + timedelta(seconds=60))

    account.refresh_from_db()
    assert (account.refresh_failures, account.refresh_error) == (0, "")


def test_the_sweep_stops_at_an_unreachable_tiktok(app, control, account, past_due):
    make_live_account(control, creator="quiet.studio")
    control.inject_fault("unavailable", path=TOKEN_PATH, count=5)

    refresh_due_accounts(app, past_due)

    assert count_calls(control, TOKEN_PATH) == 1


def test_a_sweep_goes_on_after_a_dead_account(app, control, account, past_due):
    other = make_live_account(control, creator="quiet.studio")
    TikTokAccount.objects.filter(pk=account.pk).update(refresh_due_at=past_due - timedelta(days=1))
    control.end_tokens("maple.bakery", "refresh", "revoked")

    refresh_due_accounts(app, past_due)

    other.refresh_from_db()
    assert other.refreshed_at == pytest.approx(past_due, abs=timedelta(seconds=60))


def test_a_refresh_token_past_its_own_end_needs_a_person(app, control, account, past_due):
    TikTokAccount.objects.update(refresh_expires_at=past_due)

    lost = refresh_due_accounts(app, past_due)

    assert lost == [account]
    assert count_calls(control, TOKEN_PATH) == 0


def test_a_dead_refresh_token_makes_the_account_reconnect_needed(app, control, account, past_due):
    control.end_tokens("maple.bakery", "refresh", "revoked")

    lost = refresh_due_accounts(app, past_due)

    account.refresh_from_db()
    assert lost == [account]
    assert account.status == AccountStatus.RECONNECT_NEEDED
    assert "Connect the account again" in account.status_reason


def test_the_loss_is_told_once(app, control, account, past_due):
    control.end_tokens("maple.bakery", "refresh", "revoked")
    refresh_due_accounts(app, past_due)

    assert refresh_due_accounts(app, past_due) == []


def test_the_access_token_of_a_lost_account_serves_until_its_end(app, control, account, past_due):
    control.end_tokens("maple.bakery", "refresh", "revoked")
    refresh_due_accounts(app, past_due)

    token = usable_access_token(app, account, past_due)

    assert is_accepted(app, token)


def test_after_its_access_token_a_lost_account_needs_a_person(app, control, account, past_access):
    control.end_tokens("maple.bakery", "refresh", "revoked")

    with pytest.raises(ReconnectNeeded, match="Connect the account again"):
        usable_access_token(app, account, past_access)


def test_an_answer_lost_on_its_way_ends_in_reconnect_needed(app, control, account, past_due):
    control.inject_fault("drop_after", path=TOKEN_PATH)
    refresh_due_accounts(app, past_due)

    lost = refresh_due_accounts(app, past_due + timedelta(minutes=2))

    assert lost == [account]


def test_a_rejected_token_is_replaced_although_it_should_live(app, control, account, now):
    control.end_tokens("maple.bakery", "access")

    token = replace_rejected_token(app, account, account.access_token, now)

    assert is_accepted(app, token)


def test_a_rejected_token_that_was_replaced_already_costs_no_refresh(app, control, account, now):
    token = replace_rejected_token(app, account, "act.older", now)

    assert token == account.access_token
    assert count_calls(control, TOKEN_PATH) == 0


def test_a_rejected_token_is_never_served_again(app, control, account, now):
    control.inject_fault("unavailable", path=TOKEN_PATH)

    with pytest.raises(TokenBusy):
        replace_rejected_token(app, account, account.access_token, now)
    account.refresh_from_db()
    with pytest.raises(TokenBusy):
        usable_access_token(app, account, now + timedelta(seconds=1))


def test_a_rejected_token_of_a_lost_account_needs_a_person(app, control, account, past_due):
    control.end_tokens("maple.bakery", "both", "revoked")
    refresh_due_accounts(app, past_due)

    with pytest.raises(ReconnectNeeded):
        replace_rejected_token(app, account, account.access_token, past_due)


def test_a_disconnected_account_has_no_token(app, account, now):
    TikTokAccount.objects.update(status=AccountStatus.DISCONNECTED)
    account.refresh_from_db()

    with pytest.raises(ReconnectNeeded, match="disconnected"):
        usable_access_token(app, account, now)


def test_a_lost_key_is_named(app, account, now, settings):
    settings.TOKEN_KEYS = ["0zz5iWJ3f6hpsHVqbwkWbUnFnUOiQBj2wFwAcRkKFxY="]

    with pytest.raises(ReconnectNeeded, match="TOKEN_KEYS"):
        usable_access_token(app, account, now)


def test_a_lost_key_does_not_stop_the_sweep(app, control, account, past_due, settings):
    settings.TOKEN_KEYS = ["0zz5iWJ3f6hpsHVqbwkWbUnFnUOiQBj2wFwAcRkKFxY="]
    other = make_live_account(control, creator="quiet.studio")

    refresh_due_accounts(app, past_due)

    other.refresh_from_db()
    account.refresh_from_db()
    assert other.refresh_failures == 0
    assert "TOKEN_KEYS" in account.refresh_error
    assert count_calls(control, TOKEN_PATH) == 1


class TestWarnings:
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def warned(self, account, **time_left):
        TikTokAccount.objects.update(refresh_expires_at=self.now + timedelta(**time_left))
        return [days for _, days in refresh.accounts_near_end(self.now)]

    @pytest.mark.parametrize(
        ("hours", "days"), [(30 * 24, 30), (7 * 24, 7), (24, 1), (1, 1), (7 * 24 + 1, 30)]
    )
    def test_the_nearest_warning_is_given(self, account, hours, days):
        assert self.warned(account, hours=hours) == [days]

    @pytest.mark.parametrize("hours", [30 * 24 + 1, 0, -1])
    def test_none_is_given_earlier_or_after_the_end(self, account, hours):
        assert self.warned(account, hours=hours) == []

    def test_each_is_given_once(self, account):
        given = [self.warned(account, days=days) for days in (29, 28, 7, 6, 1, 0.5)]

        assert given == [[30], [], [7], [], [1], []]

    def test_a_refresh_that_keeps_the_end_does_not_repeat_it(self, app, control, account, past_due):
        control.settings(refresh_token_life_s=20 * 86_400)
        TikTokAccount.objects.update(end_warned_days=30)

        refresh_due_accounts(app, past_due)

        assert refresh.accounts_near_end(past_due) == []

    def test_a_longer_life_begins_anew(self, app, account, past_due):
        TikTokAccount.objects.update(end_warned_days=7)

        refresh_due_accounts(app, past_due)

        account.refresh_from_db()
        assert account.end_warned_days is None
