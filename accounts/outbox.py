"""The mail backend used when no SMTP server is set: mails wait where owners can read them."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from accounts.models import OutboxMail


class OutboxBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        OutboxMail.objects.bulk_create(
            OutboxMail(
                subject=str(message.subject),
                sender=message.from_email,
                recipients=", ".join(message.recipients()),
                body=str(message.body),
            )
            for message in email_messages
        )
        return len(email_messages)
