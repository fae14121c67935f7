"""Signed-in browsers of people in a team, and a real simulator for pages that ask TikTok."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Membership, Role, Team
from tests.factories import make_member, make_team
from tests.publishing.conftest import connect, simulator, simulator_process

__all__ = ["connect", "simulator", "simulator_process"]


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
        return client

    return sign_in


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
