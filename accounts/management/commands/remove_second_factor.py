from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User


class Command(BaseCommand):
    help = "Lets somebody who lost app and recovery codes sign in with the password alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address the person signs in with")

    def handle(self, *args: object, email: str, **options: object) -> None:
        person = User.objects.filter(email=email.strip().lower()).first()
        if person is None:
            raise CommandError(f"Nobody signs in with {email}.")
        removed, _ = Authenticator.objects.filter(user=person).delete()
        if not removed:
            raise CommandError(f"{email} has no second factor.")
        self.stdout.write(f"{email} signs in with the password alone now.")
