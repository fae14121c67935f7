"""Runs a script that opens strangers' files: a process of its own, limited, without our secrets."""

import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

logger = logging.getLogger(__name__)

LIMITED = Path(__file__).with_name("limited.py")
# The child gets what a process needs to start, and none of the secrets in our environment.
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "LANG")
LARGEST_ANSWER_BYTES = 65_536


@dataclass(frozen=True)
class Limits:
    """What one child may take: memory is counted in addresses, output is any one file it writes."""

    memory_bytes: int
    output_bytes: int
    cpu_s: int = 30
    wall_s: float = 60


class ChildFailed(Exception):
    """The child gave no answer. `code` is "too_slow" or "crashed"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def ask_child(script: Path, arguments: list[str], limits: Limits) -> Any:
    """The JSON that the script prints, of any shape: a file may have taken the child over.

    Raises ChildFailed.
    """
    own = {name: getattr(limits, name) for name in ("memory_bytes", "output_bytes", "cpu_s")}
    command = [sys.executable, "-I", str(LIMITED), json.dumps(own), str(script), *arguments]
    # Files, not pipes: a child gone wild fills them up to its own limit, not our memory.
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=complained,
                env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
                timeout=limits.wall_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ChildFailed("too_slow") from None
        if done.returncode:
            _log_crash(script, done.returncode, complained)
            raise ChildFailed("crashed")
        return _read_answer(said)


def _log_crash(script: Path, returncode: int, complained: IO[bytes]) -> None:
    complained.seek(0)
    last_words = complained.read(LARGEST_ANSWER_BYTES)[-1000:].decode("utf-8", "replace")
    logger.warning("%s ended with %d: %s", script.name, returncode, last_words)


def _read_answer(said: IO[bytes]) -> Any:
    said.seek(0)
    try:
        return json.loads(said.read(LARGEST_ANSWER_BYTES))
    except (ValueError, RecursionError):
        raise ChildFailed("crashed") from None


def has_shape(answer: Any, kinds: Mapping[str, Any]) -> bool:
    """Whether the answer is an object of exactly these fields, each of exactly this type."""
    return (
        isinstance(answer, dict)
        and answer.keys() == kinds.keys()
        and all(type(answer[name]) is kind for name, kind in kinds.items())
    )
