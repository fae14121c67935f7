from concurrent.futures import ThreadPoolExecutor

import pytest

from .client import Api, code_of, kinds, mp4, put, wait_for


def calls_of(api):
    return {
        "creator_info": api.creator_info,
        "video_init": api.init,
        "inbox_init": api.inbox_init,
        "content_init": lambda: api.post("post/publish/content/init"),
        "status": lambda: api.post("post/publish/status/fetch", {"publish_id": "x"}),
    }


@pytest.mark.parametrize(
    ("endpoint", "limit"),
    [
        ("creator_info", 20),
        ("video_init", 6),
        ("inbox_init", 6),
        ("content_init", 6),
        ("status", 30),
    ],
)
def test_one_call_too_many_in_a_minute_is_refused(running, api, endpoint, limit):
    call = calls_of(api)[endpoint]

    codes = [code_of(call()) for _ in range(limit + 1)]

    assert "rate_limit_exceeded" not in codes[:limit]
    assert codes[limit] == "rate_limit_exceeded"
    assert kinds(running).count("rate_limit_exceeded") == 1


def test_rate_limit_answers_429(running, api):
    running.control.settings(rate_limits={"video_init": 0})

    assert api.init().status_code == 429


def test_windows_belong_to_a_token(running, api):
    running.control.settings(rate_limits={"video_init": 1})
    api.init()

    assert code_of(Api(running, "maple.bakery").init()) == "ok"


def test_window_slides(running, api):
    running.control.settings(rate_limits={"video_init": 1}, rate_window_s=0.3)
    api.init()

    assert wait_for(lambda: code_of(api.init()) == "ok")


def test_burst_lets_exactly_the_limit_through(running, api):
    with ThreadPoolExecutor(12) as pool:
        codes = list(pool.map(lambda _: code_of(api.init()), range(12)))

    assert codes.count("ok") == 6


def test_cap_counts_posts_whose_bytes_are_complete(running, api):
    running.control.add_creator("maple.bakery", daily_cap=1)
    first, second = api.init(), api.init()
    put(first.json()["data"]["upload_url"], mp4(1000))

    answer = api.init()

    assert code_of(second) == "ok"
    assert (answer.status_code, code_of(answer)) == (403, "spam_risk_too_many_posts")
    assert kinds(running) == ["cap_exceeded"]


def test_cap_is_checked_again_when_the_bytes_are_complete(running, api):
    running.control.add_creator("maple.bakery", daily_cap=1)
    first, second = (api.init().json()["data"] for _ in range(2))

    for begun in (first, second):
        put(begun["upload_url"], mp4(1000))

    assert api.ended(second["publish_id"])["fail_reason"] == "spam_risk_too_many_posts"
    assert kinds(running) == ["cap_exceeded"]


def test_posts_of_other_clients_share_the_cap(running, api):
    running.control.add_other_posts("maple.bakery", count=15)

    first = code_of(api.init())
    before = kinds(running)
    api.init()

    assert (first, before) == ("spam_risk_too_many_posts", [])
    assert kinds(running) == ["init_after_cap_known"]


def test_posts_older_than_the_window_free_the_cap(running, api):
    running.control.add_other_posts("maple.bakery", count=15, at=0)

    assert code_of(api.init()) == "ok"


def test_failed_posts_do_not_count(running, api):
    running.control.add_creator("maple.bakery", daily_cap=1)
    running.control.set_outcome(next=1, fail_reason="internal")
    api.ended(api.publish())

    assert code_of(api.init()) == "ok"


def test_sixth_pending_draft_is_refused(running, api):
    for _ in range(5):
        api.publish_draft()

    answer = api.inbox_init()

    assert (answer.status_code, code_of(answer)) == (403, "spam_risk_too_many_pending_share")
    assert kinds(running) == ["pending_share_cap_exceeded"]


@pytest.mark.parametrize("action", ["publish", "discard"])
def test_finished_draft_frees_a_place(running, api, action):
    running.control.settings(pending_share_cap=1)
    publish_id = api.publish_draft()
    api.ended(publish_id)

    running.control.act_on_post(publish_id, action)

    assert code_of(api.inbox_init()) == "ok"


def test_sixth_creator_of_an_unaudited_client_is_refused(running):
    running.control.settings(audited=False)
    names = [f"private.{n}" for n in range(6)]
    for name in names:
        running.control.add_creator(name, is_private=True)
    apis = [Api(running, name) for name in names]

    codes = [code_of(each.init(privacy_level="SELF_ONLY")) for each in apis]

    assert codes == ["ok"] * 5 + ["reached_active_user_cap"]


def test_active_creator_goes_on_when_the_quota_is_full(running, private_api):
    running.control.settings(audited=False, unaudited_creator_cap=1)
    private_api.init(privacy_level="SELF_ONLY")

    assert code_of(private_api.init(privacy_level="SELF_ONLY")) == "ok"
