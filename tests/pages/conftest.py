"""Signed-in browsers of people in a team, and a real simulator for pages that ask TikTok."""

import time
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Membership, Role, Team
from calendar_app import sqlite_broker
from calendar_app.middleware import SEEN_KEY
from tests.factories import make_member, make_team
from tests.publishing.conftest import connect, simulator, simulator_process

__all__ = ["connect", "simulator", "simulator_process"]

# Tests of broken brokers name a file on PostgreSQL and Redis too, whatever ran before them.
sqlite_broker.register()


@pytest.fixture
def team(db: None) -> Team:
    return make_team(timezone="Europe/Berlin")


@pytest.fixture
def signed_in() -> Callable[..., Client]:
    """A client signed in as this member."""

    def sign_in(member: Membership) -> Client:
        client = Client()
        client.force_login(
            member.user, backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        _have_it_noted(client)
        return client

    return sign_in


def _have_it_noted(client: Client) -> None:
    """Noting a session anew takes queries that would hide others from tests that count them."""
    session = client.session
    session[SEEN_KEY] = [session.session_key, time.time()]
    session.save()


@pytest.fixture
def editor(team: Team, signed_in: Callable[..., Client]) -> Client:
    return signed_in(make_member(team, Role.EDITOR))


@pytest.fixture
def viewer(team: Team, signed_in: Callable[..., Client]) -> Client:
    return signed_in(make_member(team, Role.VIEWER))


@pytest.fixture
def stranger(db: None, signed_in: Callable[..., Client]) -> Client:
    """An owner of some other team."""
    return signed_in(make_member())
