import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from calendar_app.readers import read_secret
from calendar_app.secrets_file import (
    MAKERS,
    keep_secret,
    make_database_secrets,
    make_secrets,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def no_secrets_in_the_environment(monkeypatch):
    for name in MAKERS:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)


def test_every_secret_is_made(tmp_path):
    made = make_secrets(tmp_path / "secrets")

    assert made == ["SECRET_KEY", "TOKEN_KEYS", "SIMULATOR_CLIENT_SECRET"]


def test_made_secrets_are_where_settings_look(tmp_path):
    make_secrets(tmp_path)

    assert len(read_secret("SECRET_KEY", tmp_path)) >= 50


def test_only_the_owner_can_read_them(tmp_path):
    folder = tmp_path / "secrets"

    make_secrets(folder)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_second_start_keeps_them(tmp_path):
    folder = tmp_path / "secrets"
    make_secrets(folder)
    before = {path.name: path.read_text() for path in folder.iterdir()}

    made = make_secrets(folder)

    assert made == []
    assert {path.name: path.read_text() for path in folder.iterdir()} == before


def test_two_installations_have_different_secrets(tmp_path):
    make_secrets(tmp_path / "one")
    make_secrets(tmp_path / "two")

    for name in MAKERS:
        file = name.lower()
        assert (tmp_path / "one" / file).read_text() != (tmp_path / "two" / file).read_text()


def test_the_token_key_is_a_fernet_key(tmp_path):
    make_secrets(tmp_path)

    assert Fernet((tmp_path / "token_keys").read_text().strip())


@pytest.mark.parametrize("variable", ["SECRET_KEY", "SECRET_KEY_FILE"])
def test_a_secret_set_elsewhere_is_not_made(tmp_path, monkeypatch, variable):
    monkeypatch.setenv(variable, "something")

    make_secrets(tmp_path)

    assert not (tmp_path / "secret_key").exists()


def test_of_two_writers_the_first_wins(tmp_path):
    keep_secret(tmp_path / "secret", "first")

    was_written = keep_secret(tmp_path / "secret", "second")

    assert not was_written
    assert (tmp_path / "secret").read_text() == "first\n"


def test_no_draft_is_left_behind(tmp_path):
    folder = tmp_path / "secrets"
    folder.mkdir()

    keep_secret(folder / "secret", "value")

    assert [path.name for path in folder.iterdir()] == ["secret"]


def test_the_database_url_carries_the_password_that_postgresql_reads(tmp_path):
    make_database_secrets(tmp_path, tmp_path / "password", "postgres")

    password = (tmp_path / "password").read_text().strip()
    url = (tmp_path / "database_url").read_text().strip()
    assert url == f"postgres://duecast:{password}@postgres:5432/duecast"
    assert re.fullmatch(r"[\w-]{40,}", password)


def run_module(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "calendar_app.secrets_file"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_secrets_are_made_before_settings_can_be_read(tmp_path):
    result = run_module(DATA_DIR=str(tmp_path))

    assert result.returncode == 0
    assert sorted(path.name for path in (tmp_path / "secrets").iterdir()) == [
        "secret_key",
        "simulator_client_secret",
        "token_keys",
    ]


def test_a_data_dir_that_cannot_be_written_is_one_sentence(tmp_path):
    file = tmp_path / "file"
    file.write_text("")

    result = run_module(DATA_DIR=str(file))

    assert result.returncode == 1
    assert re.fullmatch(r"duecast: DATA_DIR: cannot write to \S+ \(.+\)\.\n", result.stderr)
