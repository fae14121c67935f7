import os
import sys
from typing import IO, Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from calendar_app import preparing
from calendar_app.checks import CHECKS_TAG
from calendar_app.processes import all_commands, ports_needed
from calendar_app.supervisor import become_supervisor


class Command(BaseCommand):
    # The settings alone: loading every page to check it takes a second.
    requires_system_checks = (CHECKS_TAG,)
    help = "Prepare the site and run all of Duecast until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="fill it with a team to look at")

    def handle(self, *args: Any, **options: Any) -> None:
        # What is written here (database, media) is nobody else's business on this machine.
        os.umask(0o027)
        try:
            lock = preparing.hold_data_dir(settings.DATA_DIR)
            preparing.refuse_taken_ports(ports_needed(settings))
        except preparing.CannotStart as error:
            sys.exit(f"duecast: {error}")
        self._run(options["demo"], lock)

    def _run(self, is_demo: bool, lock: IO[str]) -> NoReturn:
        self.stdout.write("duecast: preparing the database and static files")
        preparing.prepare_site()
        if is_demo:
            call_command("seed_demo")
        text = f"\nDuecast is running. Open {preparing.start_page()}\nCtrl-C stops it.\n"
        connections.close_all()
        probed = {
            "BIND": settings.BIND,
            "PORT": str(settings.PORT),
            "SITE_URL": settings.SITE_URL,
        }
        become_supervisor(all_commands(settings), probed, text, kept_open=lock)
