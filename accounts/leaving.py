"""A person's own account, deleted when they ask for it."""

import logging

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

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


def delete_person(person: User) -> None:
    """Deletes the person and every mail and invitation with their address.

    Posts, media and history stay with the team, without the name. Consent records keep the
    e-mail address: they prove who agreed to a post. Raises LeavingRefused for a last owner.
    """
    with transaction.atomic():
        # Two owners who leave at the same moment must not each count on the other.
        list(Team.objects.select_for_update().filter(memberships__user=person).order_by("pk"))
        if teams := teams_resting_on(person):
            raise LeavingRefused(_last_owner_words(teams))
        _delete_letters(person)
        number = person.pk
        person.delete()
    logger.info("Person deleted", extra={"person": number})


def _last_owner_words(teams: list[Team]) -> str:
    names = ", ".join(str(team) for team in teams)
    return (
        f"You are the only owner of {names}. Invite another owner and wait until they have "
        "joined, or delete the team; then you can delete your account."
    )


def _delete_letters(person: User) -> None:
    known = person.emailaddress_set.values_list("email", flat=True)  # type: ignore[attr-defined]
    addresses = {person.email, *known}
    for address in addresses:
        OutboxMail.objects.filter(recipients__iexact=address).delete()
        Invitation.objects.filter(Q(email__iexact=address) | Q(accepted_by=person)).delete()
