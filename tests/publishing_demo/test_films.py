import tracemalloc

from publishing.demo.films import film, widen
from publishing.media.probe import probe_video

WIDE_BYTES = 30_000_000


def test_a_widened_film_is_a_video_of_exactly_that_size(tmp_path):
    path = tmp_path / "film.mp4"
    film("latte", path, 1.0)

    widen(path, WIDE_BYTES)

    facts = probe_video(path)
    assert (facts.size_bytes, facts.duration_ms, facts.codec) == (WIDE_BYTES, 1000, "h264")


def test_widening_takes_no_memory_of_the_files_size(tmp_path):
    path = tmp_path / "film.mp4"
    path.touch()
    tracemalloc.start()

    widen(path, WIDE_BYTES)

    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 5_000_000
