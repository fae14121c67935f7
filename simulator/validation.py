"""What an init body may hold (contract 6 to 9): fields, types, lengths, chunk plans."""

from typing import TYPE_CHECKING, Any

from simulator.access import invalid
from simulator.wire import Request

if TYPE_CHECKING:
    from simulator.app import Simulator

MIB = 1 << 20
MAX_VIDEO_BYTES = 4096 * MIB
# "MB" is 10^6 or 2^20: the looser reading is accepted, the stricter one is what a client keeps.
MIN_CHUNK_BYTES, MAX_CHUNK_BYTES, MAX_LAST_BYTES = 5_000_000, 64 * MIB, 128 * MIB
SAFE_MIN_BYTES, SAFE_MAX_BYTES, SAFE_LAST_BYTES = 5 * MIB, 64_000_000, 128_000_000
MAX_CHUNKS = 1000
MAX_PHOTOS = 35

LEVELS = {"PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"}

VIDEO_INFO: dict[str, type] = {
    "privacy_level": str,
    "title": str,
    "disable_duet": bool,
    "disable_stitch": bool,
    "disable_comment": bool,
    "video_cover_timestamp_ms": int,
    "brand_content_toggle": bool,
    "brand_organic_toggle": bool,
    "is_aigc": bool,
}
PHOTO_INFO: dict[str, type] = {
    "title": str,
    "description": str,
    "privacy_level": str,
    "disable_comment": bool,
    "auto_add_music": bool,
    "brand_content_toggle": bool,
    "brand_organic_toggle": bool,
}
PHOTO_DRAFT_INFO: dict[str, type] = {"title": str, "description": str}
VIDEO_SOURCE = {
    "source": str,
    "video_size": int,
    "chunk_size": int,
    "total_chunk_count": int,
    "video_url": str,
}
PHOTO_SOURCE = {"source": str, "photo_images": list, "photo_cover_index": int}
VIDEO_TOGGLES = (
    "disable_comment",
    "disable_duet",
    "disable_stitch",
    "brand_content_toggle",
    "brand_organic_toggle",
)
PHOTO_TOGGLES = ("disable_comment", "brand_content_toggle", "brand_organic_toggle")


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def part(sim: "Simulator", request: Request, body: dict[str, Any], name: str) -> dict[str, Any]:
    """A required object of the body."""
    value = body.get(name)
    if not isinstance(value, dict) or not value:
        word = name.replace("_", " ")
        raise bad(sim, request, f"The request {word} is empty or incorrect")
    return value


def bad(
    sim: "Simulator", request: Request, message: str, kind: str = "invalid_params"
) -> Exception:
    """A refusal for a body no correct client sends, written down as a violation."""
    sim.violate(request, kind, message)
    return invalid(sim, message)


def check_fields(
    sim: "Simulator", request: Request, values: dict[str, Any], known: dict[str, type], where: str
) -> None:
    """Unknown fields are a violation only; a wrong type is refused."""
    unknown = sorted(values.keys() - known.keys())
    if unknown:
        sim.violate(request, "unknown_field", f"{where}: {', '.join(unknown)}")
    for name in values.keys() & known.keys():
        value, kind = values[name], known[name]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise bad(sim, request, f"{where}.{name} is of the wrong type", "wrong_type")


def check_top(
    sim: "Simulator", request: Request, body: dict[str, Any], known: tuple[str, ...]
) -> None:
    unknown = sorted(body.keys() - set(known))
    if unknown:
        sim.violate(request, "unknown_field", ", ".join(unknown))


def check_toggles(
    sim: "Simulator", request: Request, info: dict[str, Any], toggles: tuple[str, ...]
) -> None:
    missing = [name for name in toggles if name not in info]
    if missing:
        sim.violate(request, "missing_toggle", f"not sent: {', '.join(missing)}")


def check_text(
    sim: "Simulator", request: Request, info: dict[str, Any], name: str, limit: int
) -> None:
    if utf16_length(info.get(name, "")) > limit:
        message = f"The {name} is longer than {limit} UTF-16 code units"
        raise bad(sim, request, message, "text_too_long")


def check_level(sim: "Simulator", request: Request, info: dict[str, Any]) -> None:
    if info.get("privacy_level") not in LEVELS:
        raise bad(sim, request, "The privacy level is missing or unknown")
    if info["privacy_level"] == "SELF_ONLY" and info.get("brand_content_toggle"):
        message = "Branded content visibility cannot be set to private."
        raise bad(sim, request, message, "branded_private")


def check_chunk_plan(sim: "Simulator", request: Request, source: dict[str, Any]) -> None:
    """Refuse a plan that breaks the chunk rules under either reading of "MB"."""
    size, chunk, count = (
        source.get(name, 0) for name in ("video_size", "chunk_size", "total_chunk_count")
    )
    if not 0 < size <= MAX_VIDEO_BYTES:
        raise bad(sim, request, "The video size is invalid", "wrong_chunk_plan")
    if sim.settings.refuses_many_chunks and count > 1:
        raise invalid(sim, "The total chunk count is invalid")
    if not 0 < chunk <= size:
        raise bad(sim, request, "The chunk size is invalid", "wrong_chunk_plan")
    if count != size // chunk or not 1 <= count <= MAX_CHUNKS:
        raise bad(sim, request, "The total chunk count is invalid", "wrong_chunk_plan")
    if not chunk_size_is_legal(size, chunk, count):
        raise bad(sim, request, "The chunk size is invalid", "wrong_chunk_plan")
    last = size - (count - 1) * chunk
    is_small = count > 1 and chunk < SAFE_MIN_BYTES
    if is_small or chunk > SAFE_MAX_BYTES or last > SAFE_LAST_BYTES:
        sim.violate(request, "chunk_outside_safe_zone", f"chunks of {chunk}, last of {last} bytes")


def chunk_size_is_legal(size: int, chunk: int, count: int) -> bool:
    if count == 1:
        return chunk == size and size <= MAX_CHUNK_BYTES
    last = size - (count - 1) * chunk
    return MIN_CHUNK_BYTES <= chunk <= MAX_CHUNK_BYTES and last <= MAX_LAST_BYTES
