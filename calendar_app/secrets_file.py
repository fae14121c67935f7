"""Makes the secrets that nobody has set: one file each in DATA_DIR/secrets, readable by its owner.

Run before Django's settings are read: `python -m calendar_app.secrets_file`. A secret that is in
the environment, as NAME or NAME_FILE, is left alone, and so is a file that exists.
"""

import argparse
import base64
import os
import secrets
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from calendar_app.readers import read_text


def new_fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


MAKERS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "TOKEN_KEYS": new_fernet_key,
    "SIMULATOR_CLIENT_SECRET": lambda: secrets.token_urlsafe(32),
}


def make_secrets(folder: Path) -> list[str]:
    """Write each missing secret into `folder`; the names of those made. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return [
        name
        for name, maker in MAKERS.items()
        if not _is_set_elsewhere(name) and keep_secret(folder / name.lower(), maker())
    ]


def make_database_secrets(folder: Path, password_file: Path, host: str) -> None:
    """A PostgreSQL password in `password_file`, and the URL with it in `folder`. Raises OSError."""
    keep_secret(password_file, secrets.token_urlsafe(32))
    password = password_file.read_text(encoding="utf-8").strip()
    keep_secret(folder / "database_url", f"postgres://duecast:{password}@{host}:5432/duecast")


def keep_secret(path: Path, value: str) -> bool:
    """Write `value` to `path` with mode 0600 unless it exists; True when it was written.

    The file appears complete or not at all, and of two processes only the first one wins.
    """
    if path.exists():
        return False
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(value + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)
    except FileExistsError:
        return False
    finally:
        Path(name).unlink()
    return True


def _is_set_elsewhere(name: str) -> bool:
    return bool(read_text(name) or read_text(f"{name}_FILE"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="secrets_file", description=__doc__)
    parser.add_argument("--postgres-password-file", type=Path)
    parser.add_argument("--postgres-host", default="postgres")
    options = parser.parse_args()
    data_dir = Path(read_text("DATA_DIR", "var")).absolute()
    try:
        make_secrets(data_dir / "secrets")
        if options.postgres_password_file:
            make_database_secrets(
                data_dir / "secrets", options.postgres_password_file, options.postgres_host
            )
    except OSError as error:
        sys.exit(f"duecast: DATA_DIR: cannot write to {error.filename} ({error.strerror}).")


if __name__ == "__main__":
    main()
