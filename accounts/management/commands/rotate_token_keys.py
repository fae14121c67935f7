from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now as current_moment

from accounts.rotation import rotate_account_tokens
from accounts.second_factor import rotate_second_factors


class Command(BaseCommand):
    help = (
        "Re-encrypts all accounts' TikTok tokens and all second factors with the first key of "
        "TOKEN_KEYS."
    )

    def handle(self, *args: object, **options: object) -> None:
        done = rotate_account_tokens(current_moment())
        self.stdout.write(f"{done.rotated} accounts re-encrypted with the first key.")
        factors, people = rotate_second_factors()
        self.stdout.write(f"{factors} second factors of people re-encrypted with the first key.")
        if done.unreadable:
            ids = ", ".join(map(str, done.unreadable))
            raise CommandError(
                f"No key in TOKEN_KEYS opens the tokens of account {ids}. "
                "Put the missing key back, or connect them again."
            )
        if people:
            ids = ", ".join(map(str, people))
            raise CommandError(
                f"No key in TOKEN_KEYS opens the second factor of person {ids}. "
                "Put the missing key back."
            )
        if done.busy:
            raise CommandError(
                f"{done.busy} accounts were being refreshed. Run this again before you remove "
                "the old key."
            )
