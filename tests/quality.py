"""`./duecast check`: everything that can be told without running the product."""

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from calendar_app.secrets_file import new_fernet_key
from tests.suite import clean_environment

ROOT = Path(__file__).parents[1]
STEPS = {
    "lint": ["-m", "ruff", "check", "."],
    "format": ["-m", "ruff", "format", "--check", "."],
    "types": ["-m", "mypy"],
    "migrations": ["manage.py", "makemigrations", "--check", "--dry-run"],
}
DEPLOY = ["manage.py", "check", "--deploy", "--fail-level", "WARNING"]


def own_settings(data_dir: Path) -> dict[str, str]:
    return {
        "DATA_DIR": str(data_dir),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "TOKEN_KEYS": new_fernet_key(),
        "SIMULATOR_CLIENT_SECRET": secrets.token_urlsafe(32),
    }


# As docs/production.md asks for; nothing is connected to.
PRODUCTION = {
    "SITE_URL": "https://calendar.example",
    "DATABASE_URL": "postgres://duecast:password@postgres:5432/duecast",
    "CELERY_BROKER_URL": "redis://redis:6379/0",
    "TIKTOK_CLIENT_KEY": "a-client-key",
    "TIKTOK_CLIENT_SECRET": "a-client-secret",
    "EMAIL_URL": "smtp+tls://mail:password@mail.example:587",
    "LOG_FORMAT": "json",
    "CONTACT_EMAIL": "hello@calendar.example",
}


def run_step(name: str, arguments: list[str], settings: Mapping[str, str]) -> bool:
    print(f"== {name}", flush=True)
    environment = {**clean_environment(os.environ), **settings}
    return subprocess.call([sys.executable, *arguments], cwd=ROOT, env=environment) == 0


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="duecast-check-") as folder:
        settings = own_settings(Path(folder))
        results = {name: run_step(name, step, settings) for name, step in STEPS.items()}
        results["deploy"] = run_step("deploy", DEPLOY, settings | PRODUCTION)
    failed = [name for name, passed in results.items() if not passed]
    print(f"== failed: {', '.join(failed)}" if failed else "== all passed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
