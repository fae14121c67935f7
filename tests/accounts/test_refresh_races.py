import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from django.conf import settings as site_settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.utils.timezone import now as current_moment

from accounts import refresh
from accounts.connecting import begin_connect, disconnect, finish_connect
from accounts.models import AccountStatus, TikTokAccount
from accounts.refresh import (
    Outcome,
    ReconnectNeeded,
    refresh_account,
    refresh_due_accounts,
    replace_rejected_token,
    usable_access_token,
)
from accounts.rotation import rotate_account_tokens
from tests.accounts.tiktok_side import (
    CREATOR,
    TOKEN_PATH,
    count_calls,
    is_accepted,
    make_live_account,
)
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)
REPOSITORY = Path(__file__).resolve().parents[2]
CALLBACK = "http://localhost:8000/accounts/callback/"


@pytest.fixture
def now():
    return current_moment()


@pytest.fixture
def account(control, now):
    return make_live_account(control, now=now)


@pytest.fixture
def past_due(now):
    return now + timedelta(seconds=86_400 * 0.76)


def in_threads(count, call):
    """What `count` simultaneous calls gave. Each has a database connection of its own."""
    together = Barrier(count)

    def one(_):
        try:
            together.wait(30)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def reconnect(control, app, account, now):
    """The person connects the same creator again."""
    session = SessionStore()
    where = {"redirect_uri": CALLBACK, "team": account.team, "now": now}
    url = begin_connect(session, app, force_consent=True, **where)
    query = control.authorize(url, CREATOR)
    return finish_connect(session, app, account.team, make_user(), query, CALLBACK, now).account


def act_while_the_answer_is_on_its_way(monkeypatch, action):
    """Runs `action` after TikTok has answered a refresh and before the answer is stored."""
    answers = []
    real = refresh.refresh_token

    def answered(*args, **kwargs):
        try:
            answers.append(real(*args, **kwargs))
        finally:
            action()
        return answers[-1]

    monkeypatch.setattr(refresh, "refresh_token", answered)
    return answers


def test_fifty_concurrent_uses_make_one_refresh(app, control, account, past_due):
    control.inject_fault("slow_after", path=TOKEN_PATH, seconds=0.5)

    tokens = in_threads(50, lambda: usable_access_token(app, account, past_due))

    fresh = TikTokAccount.objects.get().access_token
    assert count_calls(control, TOKEN_PATH) == 1
    assert fresh in tokens
    assert set(tokens) <= {account.access_token, fresh}


def test_fifty_concurrent_rejections_make_one_refresh(app, control, account, past_due):
    def replace():
        try:
            return replace_rejected_token(app, account, account.access_token, past_due)
        except refresh.TokenBusy:
            return "busy"

    tokens = in_threads(50, replace)

    fresh = TikTokAccount.objects.get().access_token
    assert count_calls(control, TOKEN_PATH) == 1
    assert set(tokens) <= {"busy", fresh}
    assert is_accepted(app, fresh)


def test_concurrent_sweeps_make_one_refresh_for_each_account(app, control, account, past_due):
    make_live_account(control, creator="quiet.studio")

    in_threads(8, lambda: refresh_due_accounts(app, past_due))

    assert count_calls(control, TOKEN_PATH) == 2
    assert control.violations() == []


def test_no_transaction_is_open_while_tiktok_is_asked(app, account, past_due, monkeypatch):
    open_transactions = []
    act_while_the_answer_is_on_its_way(
        monkeypatch, lambda: open_transactions.append(connection.in_atomic_block)
    )

    usable_access_token(app, account, past_due)

    assert open_transactions == [False]


def test_a_reconnect_wins_over_an_answer_on_its_way(app, control, account, past_due, monkeypatch):
    reconnected = []
    act_while_the_answer_is_on_its_way(
        monkeypatch, lambda: reconnected.append(reconnect(control, app, account, past_due))
    )

    refresh_account(app, account, past_due)

    stored = TikTokAccount.objects.get()
    assert stored.access_token == reconnected[0].access_token
    assert stored.refresh_token == reconnected[0].refresh_token


def test_the_tokens_of_a_reconnect_still_serve_after_the_race(
    app, control, account, past_due, monkeypatch
):
    act_while_the_answer_is_on_its_way(
        monkeypatch, lambda: reconnect(control, app, account, past_due)
    )

    refresh_account(app, account, past_due)

    assert is_accepted(app, TikTokAccount.objects.get().access_token)


def test_an_invalid_grant_that_a_reconnect_overtook_is_ignored(
    app, control, account, past_due, monkeypatch
):
    control.end_tokens(CREATOR, "refresh", "revoked")
    act_while_the_answer_is_on_its_way(
        monkeypatch, lambda: reconnect(control, app, account, past_due)
    )

    outcome = refresh_account(app, account, past_due)

    assert outcome == Outcome.NOT_MINE
    assert TikTokAccount.objects.get().status == AccountStatus.CONNECTED


def test_an_invalid_grant_under_a_lost_lease_is_ignored(
    app, control, account, past_due, monkeypatch
):
    control.end_tokens(CREATOR, "refresh", "revoked")
    act_while_the_answer_is_on_its_way(
        monkeypatch, lambda: TikTokAccount.objects.update(refresh_lease_token=None)
    )

    refresh_account(app, account, past_due)

    assert TikTokAccount.objects.get().status == AccountStatus.CONNECTED


def test_a_pair_that_comes_after_a_false_alarm_repairs_the_account(
    app, account, past_due, monkeypatch
):
    act_while_the_answer_is_on_its_way(
        monkeypatch,
        lambda: TikTokAccount.objects.update(status=AccountStatus.RECONNECT_NEEDED),
    )

    refresh_account(app, account, past_due)

    assert TikTokAccount.objects.get().status == AccountStatus.CONNECTED


def test_an_answer_on_its_way_does_not_revive_a_disconnected_account(
    app, account, past_due, monkeypatch
):
    act_while_the_answer_is_on_its_way(monkeypatch, lambda: disconnect(app, account, past_due))

    refresh_account(app, TikTokAccount.objects.get(), past_due)

    stored = TikTokAccount.objects.get()
    assert stored.status == AccountStatus.DISCONNECTED
    assert (stored.access_token, stored.refresh_token) == ("", "")


def test_a_pair_that_comes_after_the_disconnect_is_revoked(
    app, control, account, past_due, monkeypatch
):
    # TikTok does not hear of the disconnect itself, so only the late revocation ends the pair.
    control.inject_fault("unavailable", path="/v2/oauth/revoke/", count=1)
    answers = act_while_the_answer_is_on_its_way(
        monkeypatch, lambda: disconnect(app, account, past_due)
    )

    refresh_account(app, TikTokAccount.objects.get(), past_due)

    assert not is_accepted(app, answers[0].access_token)


def test_a_pair_for_a_deleted_account_is_revoked(app, account, past_due, monkeypatch):
    answers = act_while_the_answer_is_on_its_way(
        monkeypatch, lambda: TikTokAccount.objects.all().delete()
    )

    refresh_account(app, account, past_due)

    assert not is_accepted(app, answers[0].access_token)


def test_key_rotation_waits_for_an_answer_on_its_way(app, account, past_due, monkeypatch):
    rotations = []
    answers = act_while_the_answer_is_on_its_way(
        monkeypatch, lambda: rotations.append(rotate_account_tokens(past_due))
    )

    refresh_account(app, account, past_due)

    assert rotations[0].busy == 1
    assert TikTokAccount.objects.get().refresh_token == answers[0].refresh_token


KILLED_BEFORE_STORING = """
import os, signal, sys
from datetime import datetime
import django
django.setup()
from accounts import refresh
from accounts.models import TikTokAccount
from tiktok.app import App

ask_tiktok = refresh.refresh_token

def answered_and_killed(*args, **kwargs):
    ask_tiktok(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)

refresh.refresh_token = answered_and_killed
url, key, secret, moment = sys.argv[1:]
app = App(client_key=key, client_secret=secret, api_url=url)
refresh.usable_access_token(app, TikTokAccount.objects.get(), datetime.fromisoformat(moment))
"""


def database_url():
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    place = f"{database['HOST']}:{database['PORT'] or 5432}/{database['NAME']}"
    return f"postgres://{database['USER']}:{database['PASSWORD']}@{place}"


@pytest.fixture
def killed(app, control, account, past_due):
    """The state after a process died between TikTok's answer and the commit."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "calendar_app.settings",
        "DATABASE_URL": database_url(),
        "DATA_DIR": str(site_settings.DATA_DIR),
        "TOKEN_KEYS": ",".join(site_settings.TOKEN_KEYS),
    }
    arguments = [app.api_url, app.client_key, app.client_secret, past_due.isoformat()]
    process = subprocess.run(
        [sys.executable, "-c", KILLED_BEFORE_STORING, *arguments],
        env=environment,
        cwd=REPOSITORY,
        timeout=60,
    )
    assert process.returncode == -signal.SIGKILL
    assert count_calls(control, TOKEN_PATH) == 1
    account.refresh_from_db()
    return account


def test_after_the_kill_the_old_access_token_serves(app, killed, past_due):
    token = usable_access_token(app, killed, past_due + timedelta(seconds=1))

    assert token == killed.access_token
    assert is_accepted(app, token)


def test_after_the_kill_nobody_asks_while_the_lease_lasts(app, control, killed, past_due):
    refresh_due_accounts(app, past_due + timedelta(seconds=1))

    assert count_calls(control, TOKEN_PATH) == 1


def test_after_the_kill_a_sweep_finds_that_a_person_is_needed(app, killed, past_due):
    lost = refresh_due_accounts(app, past_due + timedelta(minutes=5))

    assert lost == [killed]


def test_after_the_kill_the_old_access_token_serves_until_its_end(app, killed, past_due):
    refresh_due_accounts(app, past_due + timedelta(minutes=5))
    just_before = killed.access_expires_at - timedelta(seconds=1)

    assert usable_access_token(app, killed, just_before) == killed.access_token


def test_after_the_kill_and_the_end_of_the_access_token_a_person_is_needed(app, killed):
    with pytest.raises(ReconnectNeeded):
        usable_access_token(app, killed, killed.access_expires_at)


def test_after_the_kill_a_reconnect_repairs_the_account(app, control, killed, past_due):
    refresh_due_accounts(app, past_due + timedelta(minutes=5))

    account = reconnect(control, app, killed, past_due)

    assert account.pk == killed.pk
    assert usable_access_token(app, killed, past_due) == account.access_token
