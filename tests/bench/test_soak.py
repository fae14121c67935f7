import random
from collections import Counter

import pytest

from calendar_app.bench import soak
from calendar_app.bench.report import Row
from calendar_app.bench.soak import as_rows, judge, lateness_s, plan_kills, plan_posts

TIKTOK_CAP = 15
TIKTOK_INITS_PER_MINUTE = 6
TIKTOK_DRAFTS = 5
SIZES = [soak.FULL, soak.size_of(180), soak.QUICK]
NOW = 1000.0
NO_TROUBLES = soak.Troubles(kills=0, broker="", faults=0, calls=0)


def plan(size):
    return plan_posts([f"creator{number}" for number in range(size.accounts)], size)


def row(caption, state, next_action_at=None, publish_ids=()):
    return {
        "caption": caption,
        "state": state,
        "next_action_at": next_action_at,
        "note": "",
        "publish_ids": list(publish_ids),
    }


def sent(publish_id, title="", status="PUBLISH_COMPLETE", init_at=0.0):
    post_info = {"title": title} if title else {}
    return {"publish_id": publish_id, "post_info": post_info, "status": status, "init_at": init_at}


def judged(rows, posts, captions=("a",)):
    return judge(dict.fromkeys(captions, 0.0), rows, posts, NOW)


def test_a_full_run_has_7200_posts():
    assert len(plan(soak.FULL)) == 7200


@pytest.mark.parametrize("size", SIZES)
def test_no_account_gets_more_than_tiktok_takes_a_day(size):
    planned = Counter(post["username"] for post in plan(size))
    drafts = Counter(post["username"] for post in plan(size) if post["mode"] == "inbox")

    assert max(planned.values()) <= TIKTOK_CAP
    assert max(drafts.values()) <= TIKTOK_DRAFTS


@pytest.mark.parametrize("size", SIZES)
def test_no_account_gets_more_than_tiktok_takes_a_minute(size):
    minutes = Counter((post["username"], post["due_in_s"] // 60) for post in plan(size))

    assert max(minutes.values()) <= TIKTOK_INITS_PER_MINUTE


def test_one_post_of_ten_is_for_the_inbox():
    modes = Counter(post["mode"] for post in plan(soak.FULL))

    assert modes["inbox"] == 720


def test_a_worker_is_killed_in_every_minute():
    kills = list(plan_kills(soak.FULL, random.Random(1)))

    assert [at_s // 60 for at_s, _ in kills] == list(range(60))
    assert {victim for _, victim in kills} == {"clock", "deliveries"}


def test_the_same_seed_kills_the_same_workers():
    first, again = (list(plan_kills(soak.FULL, random.Random(5))) for _ in range(2))

    assert first == again


def test_a_caption_that_is_whole_at_tiktok_twice_is_a_double():
    found = judged([row("a", "published")], [sent("1", "a"), sent("2", "a")])

    assert found.doubles == 1


def test_an_init_whose_bytes_never_came_is_no_double():
    posts = [sent("1", "a", "PROCESSING_UPLOAD"), sent("2", "a")]

    assert judged([row("a", "published")], posts).doubles == 0


def test_an_inbox_video_is_known_by_its_publish_id():
    rows = [row("a", "in_inbox", publish_ids=["1", "2"])]
    posts = [sent("1", status="SEND_TO_USER_INBOX"), sent("2", status="SEND_TO_USER_INBOX")]

    assert judged(rows, posts).doubles == 1


def test_a_post_without_a_row_is_lost():
    assert judged([], []).lost == 1


def test_a_post_whose_moment_has_passed_is_lost():
    assert judged([row("a", "scheduled", NOW - 3600)], []).lost == 1


def test_a_post_that_waits_for_a_moment_ahead_is_not_lost():
    found = judged([row("a", "scheduled", NOW + 60)], [])

    assert (found.lost, found.waiting) == (0, 1)


@pytest.mark.parametrize(
    ("state", "posts"),
    [
        ("published", []),
        ("in_inbox", []),
        ("failed", [sent("1", "a")]),
        ("needs_attention", [sent("1", "a")]),
    ],
)
def test_a_row_that_says_something_else_than_tiktok_is_told(state, posts):
    assert judged([row("a", state)], posts).contradictions == 1


def test_a_whole_video_that_no_row_knows_is_told():
    found = judged([row("a", "published")], [sent("1", "a"), sent("2")])

    assert found.contradictions == 1


@pytest.mark.parametrize("state", ["unconfirmed", "published"])
def test_a_whole_video_may_be_published_or_unconfirmed(state):
    assert judged([row("a", state)], [sent("1", "a")]).contradictions == 0


def test_lateness_counts_from_the_first_init_that_tiktok_took():
    posts = [sent("1", "a", init_at=5.5), sent("2", "a", init_at=9.0)]

    assert lateness_s({"a": 5.0}, [row("a", "published")], posts) == [0.5]


def test_what_must_never_happen_breaks_the_run():
    found = judged([row("a", "published")], [sent("1", "a"), sent("2", "a")])

    rows = as_rows(found, [0.1], [0.1], NO_TROUBLES, violations=3)

    broken = [one.figure for one in rows if one.is_broken]
    assert broken == ["Twice at TikTok", "Calls against the contract"]


def test_a_clean_run_breaks_nothing():
    found = judged([row("a", "published")], [sent("1", "a")])

    rows = as_rows(found, [0.1], [0.1], NO_TROUBLES, violations=0)

    assert not any(one.is_broken for one in rows)
    assert Row("Published", "1", "") in rows
