"""Links of pending invitations, for instances whose mail stays in the local outbox."""

import hashlib
import re
from collections.abc import Iterable

from accounts.models import Invitation, OutboxMail

LINK = re.compile(r"\S+/invitation/\?token=([\w-]+)")


def links_in_outbox(invitations: Iterable[Invitation]) -> dict[str, str]:
    """Invitation's `token_sha256` → its link.

    Only the hash of a token is kept with an invitation; the mail in the outbox has the token.
    """
    wanted = {invitation.token_sha256: invitation.email for invitation in invitations}
    mails = OutboxMail.objects.filter(recipients__in=wanted.values())
    links = {}
    for body in mails.values_list("body", flat=True):
        for link in LINK.finditer(body):
            digest = hashlib.sha256(link[1].encode()).hexdigest()
            if digest in wanted:
                links[digest] = link[0]
    return links
