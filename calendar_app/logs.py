"""One line per event, as text or JSON, with post, attempt and account ids and TikTok's log id.

Pass the ids as `extra={"post": 7, "attempt": 3, "account": 2, "log_id": "2026…"}`. The filter keeps
tokens, secrets, codes and the queries of upload URLs out of every line, whoever logs it.
"""

import json
import logging
import re
from datetime import UTC, datetime

CONTEXT = ("post", "attempt", "account", "team", "log_id", "code", "http_status", "lateness_ms")

_HIDDEN = "[hidden]"
_PATTERNS = [
    # TikTok's tokens by their prefix.
    (re.compile(r"\b(act|rft|clt)\.[\w.!*~-]+"), rf"\1.{_HIDDEN}"),
    # name=value and "name": "value" for everything that is a credential.
    (
        re.compile(
            r"(?i)\b(access_token|refresh_token|client_secret|code_verifier|upload_token|password"
            r"|secret|token|code|state|key)(=|['\"]?\s*:\s*['\"])([^&\s'\",}]{6,})"
        ),
        rf"\1\2{_HIDDEN}",
    ),
    (re.compile(r"(?i)\b(bearer\s+)\S+"), rf"\1{_HIDDEN}"),
    # The whole query of an upload URL: the token in it is the only credential.
    (re.compile(r"(https?://[^\s?'\"]*/(?:upload|video)/?)\?[^\s'\"]+"), rf"\1?{_HIDDEN}"),
    # Addresses from which TikTok fetches media: whoever knows one gets the file.
    (re.compile(r"(?i)(/pull(?:/|%2f))(?!self-check/)[^\s/'\"?#]+"), rf"\1{_HIDDEN}"),
    # Calendars: whoever knows the address of one reads it.
    (re.compile(r"(?i)(/feeds(?:/|%2f))[^\s/'\"?#]+"), rf"\1{_HIDDEN}"),
    # Links by which a client sees posts without an account.
    (re.compile(r"(?i)(/review(?:/|%2f))[^\s/'\"?#%]+"), rf"\1{_HIDDEN}"),
    # Links that sign somebody in or let them set a password.
    (re.compile(r"(/password/reset/key/|/confirm-email/)[^\s/'\"]+"), rf"\1{_HIDDEN}"),
    (
        re.compile(r"((?:redis|rediss|postgres|postgresql|smtp\S*)://[^:\s/]*:)[^@\s]+@"),
        rf"\1{_HIDDEN}@",
    ),
]


def redact(text: str) -> str:
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class RedactSecrets(logging.Filter):
    """Renders the message once, without its secrets, and drops the raw arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redact(record.getMessage())
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return True


def _context(record: logging.LogRecord) -> dict[str, object]:
    return {name: getattr(record, name) for name in CONTEXT if hasattr(record, name)}


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **_context(record),
        }
        if record.exc_info:
            line["traceback"] = record.exc_text
        return json.dumps(line, default=str, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        context = "".join(f" {name}={value}" for name, value in _context(record).items())
        level = record.levelname.lower()
        line = f"{_moment(record)} {level} {record.name}: {record.getMessage()}{context}"
        return f"{line}\n{record.exc_text}" if record.exc_info else line
