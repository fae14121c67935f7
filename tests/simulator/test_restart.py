import hashlib
import signal

import pytest
import requests

from simulator.process import start

from .client import Api, code_of, kinds, mp4, post_info, put, refresh, upload_source, wait_for

CHUNK = 5_242_880
SIZE = 2 * CHUNK + 1_000


def again(running, api):
    """The same token at the restarted process."""
    renewed = object.__new__(Api)
    renewed.running, renewed.tokens, renewed.headers = running, api.tokens, api.headers
    return renewed


def test_upload_goes_on_after_a_kill(tmp_path):
    data = mp4(SIZE)
    body = {"post_info": post_info(), "source_info": upload_source(SIZE, CHUNK, 2)}
    with start(data=tmp_path) as first:
        api = Api(first, "maple.bakery")
        begun = api.post("post/publish/video/init", body).json()["data"]
        put(begun["upload_url"], data[:CHUNK], 0, SIZE)
        first.kill()

    with start(data=tmp_path) as second:
        api = again(second, api)
        url = begun["upload_url"].replace(first.base_url, second.base_url)
        progress = api.status(begun["publish_id"])["uploaded_bytes"]
        answer = put(url, data[CHUNK:], CHUNK, SIZE)
        post = second.control.posts()[0]

    assert (progress, answer.status_code) == (CHUNK, 201)
    assert post["sha256"] == hashlib.sha256(data).hexdigest()


def test_processing_goes_on_after_a_restart(tmp_path):
    with start(data=tmp_path) as first:
        first.control.settings(processing_s=0.5, moderation_s=0)
        api = Api(first, "maple.bakery")
        publish_id = api.publish()
        assert api.status(publish_id)["status"] == "PROCESSING_UPLOAD"

    with start(data=tmp_path) as second:
        wait_for(lambda: second.control.post(publish_id)["post_ids"])

        assert again(second, api).status(publish_id)["status"] == "PUBLISH_COMPLETE"


def test_tokens_settings_faults_and_logs_survive(tmp_path):
    with start(data=tmp_path) as first:
        api = Api(first, "maple.bakery")
        refresh(first, api.tokens["refresh_token"])
        refresh(first, api.tokens["refresh_token"])
        first.control.settings(daily_cap=3)
        first.control.inject_fault("unavailable", path="*/creator_info/*")
        first.control.set_outcome(next=1, fail_reason="spam_risk")
        logged = len(first.control.requests())

    with start(data=tmp_path) as second:
        api = again(second, api)
        assert len(second.control.requests()) == logged
        assert kinds(second) == ["old_refresh_token"]
        assert second.control.settings()["daily_cap"] == 3
        assert api.creator_info().status_code == 503
        assert code_of(api.creator_info()) == "ok"
        assert second.control.state()["now"] > 0
        second.control.settings(processing_s=0)
        assert api.ended(api.publish())["fail_reason"] == "spam_risk"


def test_order_of_requests_goes_on_after_a_restart(tmp_path):
    with start(data=tmp_path) as first:
        api = Api(first, "maple.bakery")
        api.creator_info()

    with start(data=tmp_path) as second:
        again(second, api).creator_info()
        orders = [r["order"] for r in second.control.requests()]

    assert len(set(orders)) == 2
    assert orders == sorted(orders)


def test_posts_without_a_data_folder_are_forgotten():
    with start() as first:
        Api(first, "maple.bakery").init()

    with start() as second:
        assert second.control.posts() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_the_process_cleanly_while_a_request_hangs(number):
    with start() as running:
        api = Api(running, "maple.bakery")
        running.control.inject_fault("slow_before", seconds=60)
        with pytest.raises(requests.ReadTimeout):
            requests.get(f"{running.base_url}/v2/user/info/", headers=api.headers, timeout=0.2)

        running.process.send_signal(number)

        assert running.process.wait(30) == 0


def test_discarded_bytes_are_counted_but_not_kept():
    with start(discard_bytes=True) as running:
        running.control.settings(processing_s=0, moderation_s=0)
        api = Api(running, "maple.bakery")

        status = api.ended(api.publish())

        assert (status["status"], status["uploaded_bytes"]) == ("PUBLISH_COMPLETE", 1000)
        assert running.control.posts()[0]["sha256"] is None


def test_secrets_are_taken_from_the_environment():
    with start(client_key="own-key", client_secret="own-secret") as running:
        tokens = running.control.issue_tokens("maple.bakery")

        assert "own-secret" not in " ".join(running.process.args)
        assert "access_token" in refresh(running, tokens["refresh_token"]).json()
