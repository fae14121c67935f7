import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from .client import Api, mp4, put


def test_healthz_answers(running):
    assert requests.get(f"{running.base_url}/healthz", timeout=30).json() == {"ok": True}


def test_request_log_names_time_path_status_and_creator(running, api):
    api.init()

    [entry] = running.control.requests()

    assert entry["path"] == "/v2/post/publish/video/init/"
    assert (entry["status"], entry["creator"]) == (200, "maple.bakery")
    assert entry["at"] > 0


def test_refused_call_is_logged_with_its_code(running, api):
    api.init(privacy_level=None)

    assert running.control.requests()[0]["code"] == "invalid_params"


def test_logs_and_state_hold_no_secret(running, api):
    begun = api.init().json()["data"]
    put(begun["upload_url"], mp4(1000))

    text = json.dumps([running.control.requests(), running.control.state()])

    upload_token = begun["upload_url"].rpartition("=")[2]
    for secret in (
        api.tokens["access_token"],
        api.tokens["refresh_token"],
        upload_token,
        running.client_secret,
    ):
        assert secret not in text


def test_log_is_narrowed_by_order_path_and_creator(running, api):
    api.creator_info()
    seen = running.control.requests()[-1]["order"]
    Api(running, "northwind.bikes").creator_info()
    api.init()

    assert len(running.control.requests(since=seen)) == 2
    assert len(running.control.requests(creator="northwind.bikes")) == 1
    assert len(running.control.requests(path="video/init")) == 1


def test_inits_are_listed_in_order_of_arrival(running):
    apis = [Api(running, c["username"]) for c in running.control.creators()]
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda each: each.init(privacy_level="SELF_ONLY"), apis))

    posts = running.control.posts()

    assert len(posts) == 5
    assert [p["init_order"] for p in posts] == sorted(p["init_order"] for p in posts)
    assert [p["init_at"] for p in posts] == sorted(p["init_at"] for p in posts)


def test_posts_are_narrowed_by_creator(running, api):
    api.init()
    Api(running, "northwind.bikes").init()

    assert [p["creator"] for p in running.control.posts("northwind.bikes")] == ["northwind.bikes"]


def test_creator_view_counts_posts_of_the_window(running, api):
    api.publish()
    running.control.add_other_posts("maple.bakery", count=2)

    creator = running.control.creator("maple.bakery")

    assert (creator["posts_in_window"], creator["cap"]) == (3, 15)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("settings", {"no_such": 1}),
        ("settings", {"audited": "yes"}),
        ("settings", {"token_generation": "1999"}),
        ("outcome", {"audited": False}),
        ("creators", {"nickname": "No Name"}),
        ("posts", {"publish_id": "none"}),
        ("tokens/issue", {"creator": "nobody"}),
    ],
)
def test_wrong_control_call_is_refused(running, path, body):
    with pytest.raises(requests.HTTPError, match="40"):
        running.control.call("POST", path, body)


def test_reset_forgets_posts_tokens_faults_and_logs(running, api):
    api.init()
    running.control.inject_fault("unavailable")
    running.control.settings(daily_cap=1)

    running.control.reset()

    state = running.control.state()
    assert (state["posts"], state["tokens"], state["faults"]) == ([], [], [])
    assert state["settings"]["daily_cap"] == 15
    assert running.control.requests() == []
    assert len(state["creators"]) == 5


def test_violations_can_be_cleared(running, api):
    api.init(surprise=1)

    running.control.clear_violations()

    assert running.control.violations() == []


def test_concurrent_uploads_all_arrive(running):
    names = [f"creator.{n}" for n in range(8)]
    for name in names:
        running.control.add_creator(name)
    apis = [Api(running, name) for name in names]
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda each: each.publish(mp4(1_000_000)), apis))

    digests = {p["sha256"] for p in running.control.posts()}

    assert len(ids) == 8
    assert len(digests) == 1
    assert running.control.violations() == []


def test_unknown_endpoint_is_a_violation(running, api):
    assert api.post("post/publish/publish").status_code == 404
    assert [v["kind"] for v in running.control.violations()] == ["unknown_endpoint"]
