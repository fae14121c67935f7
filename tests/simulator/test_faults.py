import pytest
import requests

from .client import Api, code_of, kinds, mp4, post_info, put, upload_source, wait_for

INIT = "/v2/post/publish/video/init/"


def hits(running):
    return [len(f["hits"]) for f in running.control.faults()]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("internal_error", 500),
        ("rate_limit_exceeded", 429),
        ("access_token_invalid", 401),
        ("spam_risk_user_banned_from_posting", 403),
        ("url_ownership_unverified", 403),
    ],
)
def test_documented_code_can_be_injected_by_name(running, api, code, status):
    running.control.inject_fault(code, path=INIT)

    answer = api.init()

    assert (answer.status_code, code_of(answer)) == (status, code)
    assert running.control.posts() == []


def test_oauth_error_comes_in_the_flat_shape(running, api):
    running.control.inject_fault("temporarily_unavailable", path="/v2/oauth/*", status=503)

    answer = requests.post(f"{running.base_url}/v2/oauth/token/", data={}, timeout=30)

    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")


def test_fault_is_spent_after_its_count(running, api):
    running.control.inject_fault("unavailable", path=INIT, count=2)

    assert [api.init().status_code for _ in range(3)] == [503, 503, 200]
    assert hits(running) == [2]


def test_fault_skips_the_first_requests(running, api):
    running.control.inject_fault("unavailable", path=INIT, skip=1)

    assert [api.init().status_code for _ in range(3)] == [200, 503, 200]


def test_fault_hits_only_its_creator(running, api):
    running.control.inject_fault("unavailable", path=INIT, creator="northwind.bikes")

    assert api.init().status_code == 200
    assert Api(running, "northwind.bikes").init().status_code == 503


def test_fault_hits_only_its_path(running, api):
    running.control.inject_fault("unavailable", path="*/creator_info/*")

    assert api.init().status_code == 200
    assert api.creator_info().status_code == 503


@pytest.mark.parametrize("name", ["drop_before", "reset_before"])
def test_drop_before_has_no_effect(running, api, name):
    running.control.inject_fault(name, path=INIT)

    with pytest.raises(requests.ConnectionError):
        api.init()

    assert running.control.posts() == []


@pytest.mark.parametrize("name", ["drop_after", "reset_after"])
def test_drop_after_has_its_effect(running, api, name):
    running.control.inject_fault(name, path=INIT)

    with pytest.raises(requests.ConnectionError):
        api.init()

    assert len(running.control.posts()) == 1


def test_garbled_answer_is_a_broken_200_after_the_effect(running, api):
    running.control.inject_fault("garbled", path=INIT)

    answer = api.init()

    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert len(running.control.posts()) == 1


def test_cut_answer_breaks_inside_the_body(running, api):
    running.control.inject_fault("cut_answer", path=INIT)

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        api.init()

    assert len(running.control.posts()) == 1


@pytest.mark.parametrize(("name", "status"), [("html", 502), ("html_200", 200)])
def test_html_takes_the_answers_place(running, api, name, status):
    running.control.inject_fault(name, path=INIT)

    answer = api.init()

    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(("name", "posts"), [("slow_before", 0), ("slow_after", 1)])
def test_slow_answer_outlasts_the_client(running, api, name, posts):
    running.control.inject_fault(name, path=INIT, seconds=3)
    body_url = f"{running.base_url}{INIT}"
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            body_url,
            json={"post_info": post_info(), "source_info": upload_source(1000)},
            headers=api.headers,
            timeout=0.5,
        )

    wait_for(lambda: len(running.control.posts()) == posts)


def test_any_status_and_body_can_be_answered(running, api):
    running.control.inject_fault(
        kind="status", path=INIT, status=418, body="tea", headers={"Retry-After": "7"}
    )

    answer = api.init()

    assert (answer.status_code, answer.text, answer.headers["Retry-After"]) == (418, "tea", "7")


def test_body_cut_inside_a_chunk_leaves_no_progress(running, api):
    begun = api.init(5000).json()["data"]
    running.control.inject_fault("cut_body", path="/upload", after_bytes=2000)

    with pytest.raises(requests.ConnectionError):
        put(begun["upload_url"], mp4(5000))

    assert api.status(begun["publish_id"])["uploaded_bytes"] == 0


def test_body_cut_may_keep_what_arrived_and_the_rest_completes_it(running, api):
    begun = api.init(5000).json()["data"]
    running.control.inject_fault("cut_body", path="/upload", after_bytes=2000, keep=True)
    with pytest.raises(requests.ConnectionError):
        put(begun["upload_url"], mp4(5000))

    progress = api.status(begun["publish_id"])["uploaded_bytes"]
    answer = put(begun["upload_url"], mp4(5000)[2000:], 2000, 5000)

    assert (progress, answer.status_code) == (2000, 201)
    assert kinds(running) == []


def test_lost_answer_to_the_last_chunk_makes_a_retry_404_without_blame(running, api):
    begun = api.init(5000).json()["data"]
    running.control.inject_fault("unavailable_after", path="/upload")

    first = put(begun["upload_url"], mp4(5000))
    again = put(begun["upload_url"], mp4(5000))

    assert (first.status_code, again.status_code) == (503, 404)
    assert kinds(running) == []


def test_cut_body_of_a_json_call_drops_it(running, api):
    running.control.inject_fault("cut_body", path=INIT)

    with pytest.raises(requests.ConnectionError):
        api.init()

    assert running.control.posts() == []


def test_hit_names_the_creator_and_request(running, api):
    running.control.inject_fault("unavailable", path=INIT)
    api.init()

    [hit] = running.control.faults()[0]["hits"]

    assert (hit["creator"], hit["path"]) == ("maple.bakery", INIT)


def test_removed_fault_no_longer_acts(running, api):
    fault = running.control.inject_fault("unavailable", path=INIT, count=None)

    running.control.clear_faults(fault["number"])

    assert api.init().status_code == 200


@pytest.mark.parametrize(
    "values", [{"name": "no_such"}, {"kind": "no_such"}, {"name": "html", "x": 1}]
)
def test_unknown_fault_is_refused(running, values):
    with pytest.raises(requests.HTTPError, match="400"):
        running.control.inject_fault(**values)


def test_a_fault_with_a_share_hits_about_that_share(running, api):
    running.control.settings(rate_limits={"creator_info": 1000})
    running.control.inject_fault("unavailable", path="*/creator_info/*", count=None, share=0.3)

    statuses = [api.creator_info().status_code for _ in range(200)]

    assert 35 <= statuses.count(503) <= 85
    assert hits(running) == [statuses.count(503)]


def test_the_same_seed_draws_the_same_requests(running, api):
    running.control.settings(rate_limits={"creator_info": 1000})
    drawn = []
    for seed in (7, 7, 8):
        running.control.clear_faults()
        running.control.inject_fault("unavailable", count=None, share=0.5, seed=seed)
        drawn.append([api.creator_info().status_code for _ in range(30)])

    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


@pytest.mark.parametrize("share", [0, 1.5])
def test_a_share_that_is_none_is_refused(running, share):
    with pytest.raises(requests.HTTPError):
        running.control.inject_fault("unavailable", share=share)
