"""What a video file is: measured in a child process, judged by TikTok's media restrictions."""

import json
import logging
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import IO, Any

from publishing.media.words import probe_words

logger = logging.getLogger(__name__)

CHILD = Path(__file__).with_name("probe_child.py")
CONTENT_TYPES = {"mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm"}
# The child gets what a process needs to start, and none of the secrets in our environment.
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "LANG")
LARGEST_ANSWER_BYTES = 65_536


@dataclass(frozen=True)
class Limits:
    """What one probe may take. A picture of 4096 x 4096 px needs about 600 MB of addresses."""

    memory_bytes: int = 1_600_000_000
    cpu_s: int = 30
    wall_s: float = 60


@dataclass(frozen=True)
class VideoFacts:
    """A readable video. Width and height are as displayed, after `rotation_degrees` (clockwise).

    `container` is mp4, mov or webm, or the name of a container TikTok does not take;
    `content_type` follows from it, never from the file's name, and is empty for such a one.
    """

    container: str
    content_type: str
    codec: str
    duration_ms: int
    frame_rate: float
    width_px: int
    height_px: int
    rotation_degrees: int
    has_audio: bool
    size_bytes: int


class ProbeFailed(Exception):
    """The file could not be measured. `reason` is one or two sentences for the person."""

    def __init__(self, code: str, duration_s: float = 0) -> None:
        self.code = code
        self.reason = probe_words(code, duration_s)
        super().__init__(self.reason)


def probe_video(path: Path, poster: Path | None = None, limits: Limits | None = None) -> VideoFacts:
    """Measure the video at `path`; write a JPEG of at most 360 x 640 px to `poster`.

    Raises ProbeFailed for everything that is not a whole, readable video, whatever the child
    process met on the way. A file that TikTok refuses may still be readable: see `judge_video`.
    """
    size_bytes = path.stat().st_size
    if size_bytes == 0:
        raise ProbeFailed("empty")
    answer = _ask_child(path, poster, limits or Limits())
    if "refused" in answer:
        raise ProbeFailed(answer["refused"], answer["duration_s"])
    facts = answer["facts"]
    content_type = CONTENT_TYPES.get(facts["container"], "")
    return VideoFacts(**facts, content_type=content_type, size_bytes=size_bytes)


def _ask_child(path: Path, poster: Path | None, limits: Limits) -> dict[str, Any]:
    own = {"memory_bytes": limits.memory_bytes, "cpu_s": limits.cpu_s}
    command = [sys.executable, "-I", str(CHILD), str(path.absolute())]
    command += [str(poster.absolute()) if poster else "", json.dumps(own)]
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
            raise ProbeFailed("too_slow") from None
        if done.returncode:
            _log_crash(done.returncode, complained)
            raise ProbeFailed("crashed")
        return _read_answer(said)


def _log_crash(returncode: int, complained: IO[bytes]) -> None:
    complained.seek(0)
    last_words = complained.read(LARGEST_ANSWER_BYTES)[-1000:].decode("utf-8", "replace")
    logger.warning("a video probe ended with %d: %s", returncode, last_words)


def _read_answer(said: IO[bytes]) -> dict[str, Any]:
    """The child's JSON, checked field by field: a file may have taken the child over."""
    said.seek(0)
    try:
        answer = json.loads(said.read(LARGEST_ANSWER_BYTES))
    except ValueError:
        raise ProbeFailed("crashed") from None
    if not _is_refusal(answer) and not _is_facts(answer):
        raise ProbeFailed("crashed")
    return answer


def _is_refusal(answer: Any) -> bool:
    return (
        isinstance(answer, dict)
        and isinstance(answer.get("refused"), str)
        and isinstance(answer.get("duration_s"), float)
    )


def _is_facts(answer: Any) -> bool:
    facts = answer.get("facts") if isinstance(answer, dict) else None
    kinds = {field.name: field.type for field in fields(VideoFacts)}
    measured = kinds.keys() - {"content_type", "size_bytes"}
    return (
        isinstance(facts, dict)
        and facts.keys() == measured
        and all(type(facts[name]) is kinds[name] for name in measured)
    )


def facts_as_columns(facts: VideoFacts) -> dict[str, Any]:
    """The facts under the names of MediaAsset's columns."""
    columns = asdict(facts)
    del columns["container"]
    return columns
