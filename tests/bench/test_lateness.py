from collections import Counter

import pytest

from calendar_app.bench import lateness
from calendar_app.bench.lateness import as_rows, lateness_s, plan_posts

# Direct Post API reference: 6 init calls a minute per user access token.
TIKTOK_INITS_PER_MINUTE = 6


def plan(size):
    return plan_posts([f"creator{number}" for number in range(size.accounts)], size)


def init(caption, at):
    return {"post_info": {"title": caption}, "init_at": at}


@pytest.mark.parametrize("size", [lateness.FULL, lateness.QUICK])
def test_no_account_gets_more_posts_a_minute_than_tiktok_takes(size):
    posts = Counter(post["username"] for post in plan(size))

    assert max(posts.values()) <= TIKTOK_INITS_PER_MINUTE


def test_a_full_run_spreads_a_hundred_posts_over_a_minute():
    due_in_s = [post["due_in_s"] for post in plan(lateness.FULL)]

    assert (len(due_in_s), round(due_in_s[-1] - due_in_s[0], 1)) == (100, 59.4)


def test_every_caption_is_another_one():
    captions = {post["caption"] for post in plan(lateness.FULL)}

    assert len(captions) == lateness.FULL.posts


def test_lateness_is_counted_from_each_posts_own_moment():
    due_at = {"a": 100.0, "b": 200.0}

    assert lateness_s(due_at, [init("b", 200.5), init("a", 99.75)]) == [-0.25, 0.5]


def test_a_repeated_init_does_not_count_as_the_arrival():
    assert lateness_s({"a": 100.0}, [init("a", 100.5), init("a", 130.0)]) == [0.5]


def test_posts_that_left_early_are_counted():
    [early] = [row for row in as_rows([-0.1, 0.2, 0.3], [0.1], 0) if "early" in row.figure]

    assert early.measured == "1 of 3"
