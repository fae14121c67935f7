from django.core.management.base import BaseCommand

from calendar_app.checks import CHECKS_TAG
from calendar_app.preparing import prepare_site, start_page


class Command(BaseCommand):
    # The settings alone: loading every page to check it takes a second.
    requires_system_checks = (CHECKS_TAG,)
    help = "Bring database and static files up to date, then print the address to open."

    def handle(self, *args: object, **options: object) -> None:
        prepare_site()
        self.stdout.write(f"Duecast is prepared. Open {start_page()}")
