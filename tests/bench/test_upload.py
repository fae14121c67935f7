from calendar_app.bench.upload import as_rows, bytes_per_s


def chunk(first, last, began_at, ended_at):
    return {"first": first, "last": last, "began_at": began_at, "ended_at": ended_at}


def test_the_pauses_between_chunks_count():
    post = {"chunks": [chunk(0, 499, 10.0, 11.0), chunk(500, 999, 14.0, 15.0)]}

    assert bytes_per_s(post) == 200.0


def test_the_ratio_is_ours_by_the_raw_limit():
    assert as_rows(10**9, 900e6, 1000e6, 5_000_000)[0].ratio == "0.90"


def test_memory_is_said_in_megabytes_over_idle():
    assert as_rows(10**9, 900e6, 1000e6, 5_000_000)[1].measured == "5.0 MB"


def test_where_memory_cannot_be_known_the_table_says_so():
    assert as_rows(10**9, 900e6, 1000e6, None)[1].measured == "needs Linux"
