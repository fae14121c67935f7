from calendar_app.bench.scale import as_rows


def result(posts, p50_s, queries):
    return {"posts": posts, "work": {"Tick": {"p50_s": p50_s, "queries": queries}}}


def test_each_larger_table_is_compared_with_the_smallest():
    rows = as_rows([result(1000, 0.001, 4), result(5000, 0.0012, 4), result(9000, 0.002, 5)])

    assert [(row.figure, row.measured, row.raw, row.ratio) for row in rows] == [
        ("Tick, 5,000 posts", "1.20 ms, 4 statements", "1.00 ms, 4 statements", "1.20"),
        ("Tick, 9,000 posts", "2.00 ms, 5 statements", "1.00 ms, 4 statements", "2.00"),
    ]
