"""A person's own account, deleted when they ask for it."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext

from accounts.activity import forget_person, note_activity
from accounts.models import Invitation, Membership, OutboxMail, Role, Team, User

logger = logging.getLogger("duecast.accounts")


class LeavingRefused(Exception):
    """Nothing was deleted. `text` says why in plain words."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def teams_resting_on(person: User) -> list[Team]:
    """The teams that would be without an owner, by name."""
    owners = Membership.objects.filter(role=Role.OWNER, user__is_active=True)
    others = owners.filter(team=OuterRef("pk")).exclude(user=person)
    mine = Team.objects.filter(memberships__user=person, memberships__role=Role.OWNER)
    return list(mine.exclude(Exists(others)).order_by("name", "pk"))


def delete_person(person: User, now: datetime) -> None:
    """Deletes the person, every mail and invitation with their address, and those they made and
    nobody used.

    Posts, media and history stay with the team, without the name. Consent records keep the
    e-mail address: they prove who agreed to a post. Raises LeavingRefused for a last owner.
    """
    with transaction.atomic():
        # Two owners who leave at the same moment must not each count on the other.
        mine = Team.objects.filter(memberships__user=person).order_by("pk")
        left = list(mine.select_for_update())
        if teams := teams_resting_on(person):
            raise LeavingRefused(_last_owner_words(teams))
        addresses = _addresses(person)
        _delete_letters(person, addresses)
        forget_person(person, addresses)
        for team in left:
            note_activity(team.pk, None, "person_deleted", now)
        number = person.pk
        person.delete()
    logger.info("Person deleted", extra={"person": number})


def _last_owner_words(teams: list[Team]) -> str:
    names = ", ".join(str(team) for team in teams)
    return gettext(
        "You are the only owner of {names}. Invite another owner and wait until they have "
        "joined, or delete the team; then you can delete your account."
    ).format(names=names)


def _addresses(person: User) -> set[str]:
    known = person.emailaddress_set.values_list("email", flat=True)  # type: ignore[attr-defined]
    return {person.email, *known}


def _delete_letters(person: User, addresses: set[str]) -> None:
    Invitation.objects.filter(invited_by=person, accepted_at=None).delete()
    for address in addresses:
        OutboxMail.objects.filter(recipients__iexact=address).delete()
        Invitation.objects.filter(Q(email__iexact=address) | Q(accepted_by=person)).delete()
