"""Where Chromium is on this machine: the bench's own answer."""

from calendar_app.bench.chromium import ARGUMENTS, HOW_TO_INSTALL, find_chromium

__all__ = ["ARGUMENTS", "HOW_TO_INSTALL", "find_chromium"]
