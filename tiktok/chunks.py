"""How a video is cut for upload. Source: content-posting-api-media-transfer-guide."""

from dataclasses import dataclass

# Whether TikTok's MB is 10^6 or 2^20 is not stated. Between these both readings agree.
MIN_CHUNK_BYTES = 5_242_880
MAX_CHUNK_BYTES = 64_000_000
MAX_VIDEO_BYTES = 4_294_967_296
PREFERRED_CHUNK_BYTES = 32_000_000


@dataclass(frozen=True)
class ChunkPlan:
    """All chunks are `chunk_size` bytes but the last, which takes the remainder as well."""

    size_bytes: int
    chunk_size: int
    total_chunk_count: int

    def ranges(self) -> list[tuple[int, int]]:
        """First and last byte of each chunk, the last one included, in sending order."""
        starts = [index * self.chunk_size for index in range(self.total_chunk_count)]
        ends = [*starts[1:], self.size_bytes]
        return [(start, end - 1) for start, end in zip(starts, ends, strict=True)]


def plan_chunks(size_bytes: int, preferred_chunk_bytes: int = PREFERRED_CHUNK_BYTES) -> ChunkPlan:
    """A legal cut with chunks near the preferred size, whatever that is.

    Up to two preferred chunks, and never over 64 MB, go as one. Raises ValueError for an
    empty file and for one over 4 GiB.
    """
    if not 0 < size_bytes <= MAX_VIDEO_BYTES:
        raise ValueError(f"a video has 1 to {MAX_VIDEO_BYTES} bytes, not {size_bytes}")
    preferred = max(MIN_CHUNK_BYTES, min(preferred_chunk_bytes, MAX_CHUNK_BYTES))
    if size_bytes <= min(2 * preferred, MAX_CHUNK_BYTES):
        return ChunkPlan(size_bytes, size_bytes, 1)
    # Two chunks at least: one chunk that is not the whole file is refused.
    chunk_size = min(preferred, size_bytes // 2)
    return ChunkPlan(size_bytes, chunk_size, size_bytes // chunk_size)
