import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from calendar_app.checks import CHECKS_TAG
from calendar_app.processes import simulator_command


class Command(BaseCommand):
    # The settings alone: loading every page to check it takes a second.
    requires_system_checks = (CHECKS_TAG,)
    help = "Become the built-in TikTok simulator, or say why there is none and end well."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=settings.SIMULATOR_HOST, help="where to listen")
        parser.add_argument(
            "--fetch-from", default="", help="where the site is, when SITE_URL does not lead to it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SIMULATOR_IS_BUILT_IN:
            self.stdout.write(
                f"No simulator is needed: posts go to {settings.TIKTOK_API_URL} "
                f"with the key that TIKTOK_CLIENT_KEY sets."
            )
            return
        command = simulator_command(settings, options["host"], options["fetch_from"])
        os.execve(  # noqa: S606 - constant arguments, no shell
            command.arguments[0], list(command.arguments), {**os.environ, **command.environment}
        )
