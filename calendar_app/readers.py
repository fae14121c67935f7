"""Readers for environment variables; a bad value stops the start and names the variable."""

import os
import re
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off", ""}


def read_text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def read_bool(name: str, default: bool) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    word = value.strip().lower()
    if word in TRUE_WORDS or word in FALSE_WORDS:
        return word in TRUE_WORDS
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def read_int(name: str, default: int, minimum: int = 0, maximum: int | None = None) -> int:
    return int(_read_number(name, default, minimum, maximum, int, "a whole number"))


def read_seconds(name: str, default: float, minimum: float = 0.01) -> float:
    """A length of time in seconds; fractions are allowed, so that tests can be quick."""
    return float(_read_number(name, default, minimum, None, float, "a number of seconds"))


def _read_number(name, default, minimum, maximum, kind, words):
    value = os.environ.get(name)
    if value is None or not value.strip():
        return default
    limits = f"at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"
    try:
        number = kind(value)
    except ValueError:
        number = None
    highest = sys.float_info.max if maximum is None else maximum
    # Written so that "nan", which compares as false, is refused too.
    if number is None or not minimum <= number <= highest:
        raise ImproperlyConfigured(f"{name} must be {words} {limits}, not {value!r}.")
    return number


def read_choice(name: str, default: str, choices: set[str]) -> str:
    """One of `choices`; empty, as compose passes on what is not set, is the default."""
    value = read_text(name, default) or default
    if value not in choices:
        wanted = ", ".join(sorted(choices))
        raise ImproperlyConfigured(f"{name} must be one of {wanted}, not {value!r}.")
    return value


def read_email(name: str) -> str:
    """An e-mail address that can be shown to the public, or ""."""
    value = read_text(name)
    if value and not re.fullmatch(r"[^\s@<>,]+@[^\s@<>,]+\.[^\s@<>,]+", value):
        raise ImproperlyConfigured(f"{name} must be one e-mail address, not {value!r}.")
    return value


def read_icon(name: str) -> str:
    """The absolute path of an SVG or PNG file, or ""."""
    value = read_text(name)
    if not value:
        return ""
    path = Path(value).absolute()
    if path.suffix.lower() not in {".svg", ".png"} or not path.is_file():
        raise ImproperlyConfigured(f"{name} must be the path of an SVG or PNG file, not {value!r}.")
    return str(path)


def read_secret(name: str, secrets_dir: Path | None = None, default: str | None = None) -> str:
    """A secret from NAME, from the file that NAME_FILE points to, or from `secrets_dir`.

    `./duecast run` and the compose file's first service fill `secrets_dir`, one file per secret,
    named in lower case.
    """
    if value := read_text(name):
        return value
    path = read_text(f"{name}_FILE")
    if path:
        return _read_secret_file(f"{name}_FILE", Path(path))
    kept = secrets_dir / name.lower() if secrets_dir else None
    if kept and kept.is_file():
        return _read_secret_file(name, kept)
    if default is not None:
        return default
    raise ImproperlyConfigured(
        f"{name} is not set. Set {name} or {name}_FILE, or start with ./duecast, which makes one."
    )


def _read_secret_file(name: str, path: Path) -> str:
    try:
        value = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}: cannot read {path} ({error.strerror}).") from error
    if not value:
        raise ImproperlyConfigured(f"{name}: {path} is empty.")
    return value
