from calendar_app.bench.upload import as_rows, bytes_per_s, flowing_bytes_per_s


def chunk(first, last, began_at, ended_at):
    return {"first": first, "last": last, "began_at": began_at, "ended_at": ended_at}


# A thousand bytes in five seconds, three of which are a pause.
PAUSED = {"chunks": [chunk(0, 499, 10.0, 11.0), chunk(500, 999, 14.0, 15.0)]}


def test_the_pauses_between_chunks_count():
    assert bytes_per_s(PAUSED) == 200.0


def test_inside_the_chunks_the_pauses_do_not_count():
    assert flowing_bytes_per_s(PAUSED) == 500.0


def test_each_ratio_is_ours_by_the_raw_limit():
    assert [row.ratio for row in as_rows(PAUSED, 1000.0, 0)] == ["0.20", "0.50", ""]


def test_memory_is_said_in_megabytes_over_idle():
    assert as_rows(PAUSED, 1000.0, 5_000_000)[-1].measured == "5.0 MB"


def test_where_memory_cannot_be_known_the_table_says_so():
    assert as_rows(PAUSED, 1000.0, None)[-1].measured == "needs Linux"
