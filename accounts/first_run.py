"""The first owner of a new installation, let in by a token that only its starter has seen."""

import contextlib
import hmac
import os
import secrets
from datetime import datetime
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext

from accounts.models import Membership, Role, Team, User


class FirstRunRefused(Exception):
    """`text` says why in plain words."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def first_run_token() -> str | None:
    """The one-time token for the first owner, made when there is none; None once a user exists."""
    if User.objects.exists():
        _token_path().unlink(missing_ok=True)
        return None
    return _read_token() or _make_token()


def create_first_owner(
    token: str,
    email: str,
    name: str,
    password: str,
    team_name: str,
    timezone: str,
    now: datetime,
) -> User:
    """The first person, owner of a new team, with an address that needs no verification.

    Exactly one caller succeeds. Raises FirstRunRefused.
    """
    stored = _read_token()
    if not stored or not hmac.compare_digest(stored.encode(), token.encode()):
        raise FirstRunRefused(
            gettext("This link is not valid. Use the one printed at the last start.")
        )
    with transaction.atomic():
        _wait_for_other_sign_ups()
        if User.objects.exists():
            raise FirstRunRefused(
                gettext("The first person is already there. Sign in or ask for a link.")
            )
        user = User.objects.create_user(email, password, name=name, joined_at=now)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        team = Team.objects.create(name=team_name, timezone=timezone, created_at=now)
        Membership.objects.create(team=team, user=user, role=Role.OWNER, joined_at=now)
    _token_path().unlink(missing_ok=True)
    return user


def _wait_for_other_sign_ups() -> None:
    # SQLite's transactions are immediate, so there the second one waits by itself.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(User._meta.db_table)
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")


def _token_path() -> Path:
    return Path(settings.SECRETS_DIR) / "first_run_token"


def _read_token() -> str:
    try:
        return _token_path().read_text().strip()
    except FileNotFoundError:
        return ""


def _make_token() -> str:
    path = _token_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(32))
    # A link appears complete or not at all, and of two processes only one makes it.
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return _read_token()
