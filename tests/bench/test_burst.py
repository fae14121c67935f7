from calendar_app.bench.burst import Burst, as_rows

OURS = Burst(last_init_s=10, last_byte_s=20, last_verdict_s=25, tiktok_cpu_s=5)
RAW = Burst(last_init_s=8, last_byte_s=10, last_verdict_s=10, tiktok_cpu_s=4)
JOURNALED = Burst(last_init_s=8, last_byte_s=16, last_verdict_s=16, tiktok_cpu_s=4)


def row(rows, figure):
    [found] = [row for row in rows if figure in row.figure]
    return found


def test_the_rate_counts_to_the_last_byte_and_is_compared_with_the_bare_loop():
    rate = row(as_rows(100, OURS, RAW, JOURNALED, violations=0), "Posts sent a second")

    assert (rate.measured, rate.raw, rate.ratio) == ("5.0", "10.0", "0.50")


def test_the_rate_stands_beside_a_loop_that_keeps_a_journal_too():
    rate = row(as_rows(100, OURS, RAW, JOURNALED, violations=0), "commits the journal")

    assert (rate.measured, rate.raw, rate.ratio) == ("5.0", "6.2", "0.80")


def test_the_simulators_share_of_a_core_is_seen_in_both():
    share = row(as_rows(100, OURS, RAW, JOURNALED, violations=0), "share of a core")

    assert (share.measured, share.raw) == ("20 %", "40 %")


def test_a_call_against_the_contract_breaks_the_run():
    rows = as_rows(100, OURS, RAW, JOURNALED, violations=1)

    assert [one.figure for one in rows if one.is_broken] == ["Calls against the contract"]
