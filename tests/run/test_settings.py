import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from calendar_app.readers import read_choice
from tests.setting_names import setting_names

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "settings.md"


def start(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` with the test's secrets and these settings."""
    ours = {"DATA_DIR": str(tmp_path), **environment}
    kept = {
        name: os.environ[name]
        for name in ("PATH", "SECRET_KEY", "TOKEN_KEYS", "SIMULATOR_CLIENT_SECRET")
    }
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT, env=kept | ours, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_defaults_start_without_a_warning(tmp_path):
    result = start(tmp_path)

    assert result.returncode == 0
    assert "no issues" in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("SITE_URL", "calendar.example"),
        ("SITE_URL", "https://calendar.example/path"),
        ("DATABASE_URL", "mysql://host/name"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "postgres://host:port/name"),
        ("CELERY_BROKER_URL", "amqp://host"),
        ("EMAIL_URL", "mail.example"),
        ("TICK_S", "often"),
        ("SIGNUP_OPEN", "perhaps"),
        ("LOG_FORMAT", "xml"),
        ("CONTACT_EMAIL", "Maple Bakery"),
        ("PRODUCT_ICON", "/nowhere/icon.svg"),
        ("PRODUCT_ICON", "/etc/hostname"),
        ("SECRET_KEY_FILE", "/nowhere/secret"),
    ],
)
def test_a_bad_value_stops_the_start_with_one_sentence(tmp_path, name, value):
    secret = {"SECRET_KEY": ""} if name == "SECRET_KEY_FILE" else {}

    result = start(tmp_path, **secret, **{name: value})

    assert result.returncode == 1
    assert result.stderr.startswith("duecast: ")
    assert name in result.stderr
    assert result.stderr.count("\n") == 1


def test_keys_for_tiktok_without_their_secret_stop_the_start(tmp_path):
    result = start(tmp_path, TIKTOK_CLIENT_KEY="key")

    assert result.returncode == 1
    assert result.stderr.startswith("duecast: TIKTOK_CLIENT_SECRET is not set.")


def test_a_bad_combination_stops_the_start_with_its_id(tmp_path):
    result = start(tmp_path, LOOKAHEAD_S="1")

    assert result.returncode == 1
    assert "duecast.E001" in result.stderr


def test_every_setting_is_explained():
    explained = set(re.findall(r"^\| `([A-Z_]+)`", DOCS.read_text(encoding="utf-8"), re.MULTILINE))

    assert explained == set(setting_names())


def test_settings_that_may_be_a_file_are_marked():
    text = DOCS.read_text(encoding="utf-8")
    marked = set(re.findall(r"^\| `([A-Z_]+)` \(or `_FILE`\)", text, re.MULTILINE))

    assert marked == {name for name, reader in setting_names().items() if reader == "read_secret"}


def test_every_check_is_explained():
    checks = (ROOT / "calendar_app" / "checks.py").read_text(encoding="utf-8")

    raised = set(re.findall(r'id="(duecast\.[EW]\d+)"', checks))

    assert raised == set(re.findall(r"`(duecast\.[EW]\d+)`", DOCS.read_text(encoding="utf-8")))


def test_an_empty_choice_is_the_default(monkeypatch):
    monkeypatch.setenv("TIKTOK_APP_MODE", "")

    assert read_choice("TIKTOK_APP_MODE", "unaudited", {"unaudited", "audited"}) == "unaudited"
