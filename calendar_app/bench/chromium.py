"""Where Chromium is on this machine."""

import os
import shutil
from pathlib import Path

# The headless shell opens no window for each person of a test: three times as quick.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
MACOS_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
HOW_TO_INSTALL = (
    "Chromium was not found, so what needs a browser is left out. Install it (Debian: apt install "
    "chromium-headless-shell, or chromium; macOS: brew install --cask chromium) or set CHROMIUM to "
    "its path."
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]


def find_chromium() -> str | None:
    """The path of CHROMIUM, else of the first Chromium or Chrome found."""
    if chosen := os.environ.get("CHROMIUM"):
        return shutil.which(chosen)
    found = (shutil.which(name) for name in NAMES)
    apps = (app for app in MACOS_APPS if Path(app).is_file())
    return next((path for path in found if path), None) or next(apps, None)
