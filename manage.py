#!/usr/bin/env python
"""Django's command line; `./duecast` is the front door."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calendar_app.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        settings.SITE_URL  # noqa: B018 - reads the settings file before any command does
    except ImproperlyConfigured as error:
        sys.exit(f"duecast: {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
