"""What a video file is: measured in a child process, judged by TikTok's media restrictions."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from publishing.media.child import ChildFailed, Limits, ask_child, has_shape
from publishing.media.words import probe_words

CHILD = Path(__file__).with_name("probe_child.py")
CONTENT_TYPES = {"mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm"}
# A picture of 4096 x 4096 px needs about 600 MB of addresses.
LIMITS = Limits(memory_bytes=1_600_000_000, output_bytes=8_000_000)


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


def probe_video(path: Path, poster: Path | None = None, limits: Limits = LIMITS) -> VideoFacts:
    """Measure the video at `path`; write a JPEG of at most 360 x 640 px to `poster`.

    Raises ProbeFailed for everything that is not a whole, readable video, whatever the child
    process met on the way. A file that TikTok refuses may still be readable: see `judge_video`.
    """
    size_bytes = path.stat().st_size
    if size_bytes == 0:
        raise ProbeFailed("empty")
    answer = _ask_child(path, poster, limits)
    if "refused" in answer:
        raise ProbeFailed(answer["refused"], answer["duration_s"])
    facts = answer["facts"]
    content_type = CONTENT_TYPES.get(facts["container"], "")
    return VideoFacts(**facts, content_type=content_type, size_bytes=size_bytes)


def _ask_child(path: Path, poster: Path | None, limits: Limits) -> dict[str, Any]:
    """The child's answer, checked field by field."""
    arguments = [str(path.absolute()), str(poster.absolute()) if poster else ""]
    try:
        answer = ask_child(CHILD, arguments, limits)
    except ChildFailed as failure:
        raise ProbeFailed(failure.code) from failure
    if not has_shape(answer, {"refused": str, "duration_s": float}) and not _is_facts(answer):
        raise ProbeFailed("crashed")
    return answer


def _is_facts(answer: Any) -> bool:
    kinds = {field.name: field.type for field in fields(VideoFacts)}
    del kinds["content_type"], kinds["size_bytes"]
    return has_shape(answer, {"facts": dict}) and has_shape(answer["facts"], kinds)


def facts_as_columns(facts: VideoFacts) -> dict[str, Any]:
    """The facts under the names of MediaAsset's columns."""
    columns = asdict(facts)
    del columns["container"]
    return columns
