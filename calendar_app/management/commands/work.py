import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from calendar_app.checks import CHECKS_TAG
from calendar_app.processes import work_commands


class Command(BaseCommand):
    # The settings alone: loading every page to check it takes a second.
    requires_system_checks = (CHECKS_TAG,)
    help = "Become one of the processes that do the work; web has a command line of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=[command.name for command in work_commands(settings)])

    def handle(self, *args: Any, **options: Any) -> None:
        commands = {command.name: command for command in work_commands(settings)}
        arguments = list(commands[options["name"]].arguments)
        os.execv(arguments[0], arguments)  # noqa: S606 - constant arguments, no shell
