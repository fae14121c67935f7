import json
import time
from email.message import Message
from io import BytesIO

import pytest

from simulator.app import Simulator
from simulator.records import Creator, Post
from simulator.settings import Options
from simulator.store import Store
from simulator.wire import Request

from .client import MP4_HEAD, Api, code_of, kinds, mp4, put, wait_for


def test_upload_progress_shows_before_all_bytes_are_there(api):
    publish_id = api.init().json()["data"]["publish_id"]

    assert api.status(publish_id) == {"status": "PROCESSING_UPLOAD", "uploaded_bytes": 0}


def test_public_post_gets_one_19_digit_integer(api):
    status = api.ended(api.publish())

    [post_id] = status["publicaly_available_post_id"]
    assert isinstance(post_id, int)
    assert len(str(post_id)) == 19


@pytest.mark.parametrize("level", ["SELF_ONLY", "MUTUAL_FOLLOW_FRIENDS"])
def test_post_that_is_not_public_gets_no_id(api, level):
    status = api.ended(api.publish(privacy_level=level))

    assert status["status"] == "PUBLISH_COMPLETE"
    assert "publicaly_available_post_id" not in status


def test_public_post_may_be_left_without_id(running, api):
    running.control.set_outcome(gives_post_id=False)

    assert "publicaly_available_post_id" not in api.ended(api.publish())


def test_id_comes_only_after_moderation(running, api):
    running.control.settings(moderation_s=60)
    publish_id = api.publish()

    wait_for(lambda: api.status(publish_id)["status"] == "PUBLISH_COMPLETE")

    assert "publicaly_available_post_id" not in api.status(publish_id)


def test_processing_keeps_the_upload_status(running, api):
    running.control.settings(processing_s=60)
    publish_id = api.publish()

    assert api.status(publish_id) == {"status": "PROCESSING_UPLOAD", "uploaded_bytes": 1000}


def test_a_step_that_is_due_is_taken_before_an_answer():
    # Its threads are not started: they could not be later.
    sim = Simulator(Options(), Store(None))
    sim.store.settings.processing_s = 0
    sim.store.save(Creator("ada"))
    post = Post(1, "v_pub", "ada", "video", "direct", "FILE_UPLOAD", "", 0, 0, 1)
    post.head = MP4_HEAD.hex()
    sim.store.save(post)

    sim.processing.bytes_complete(post, time.time())
    request = Request("GET", "/control/posts", "", Message(), BytesIO(), time.time(), 0, 2)
    [told] = json.loads(sim.answer(request).body)

    assert told["status"] == "PUBLISH_COMPLETE"


@pytest.mark.parametrize(
    "reason",
    ["duration_check_failed", "frame_rate_check_failed", "spam_risk_text", "internal", "brand_new"],
)
def test_outcome_of_the_next_post_is_selectable(running, api, reason):
    running.control.set_outcome(next=1, fail_reason=reason)

    failed, fine = api.publish(), api.publish()

    assert api.ended(failed)["fail_reason"] == reason
    assert api.ended(fine)["status"] == "PUBLISH_COMPLETE"


def test_outcome_of_one_creator_leaves_others_alone(running, api):
    running.control.set_outcome(creator="northwind.bikes", fail_reason="spam_risk")
    other = Api(running, "northwind.bikes")

    failed, fine = other.publish(), api.publish()

    assert other.ended(failed)["fail_reason"] == "spam_risk"
    assert api.ended(fine)["status"] == "PUBLISH_COMPLETE"


def test_next_outcome_of_a_creator_waits_for_that_creator(running, api):
    running.control.set_outcome(creator="northwind.bikes", next=1, fail_reason="spam_risk")

    assert api.ended(api.publish())["status"] == "PUBLISH_COMPLETE"


def test_draft_ends_in_the_inbox(api):
    assert api.ended(api.publish_draft())["status"] == "SEND_TO_USER_INBOX"


def test_draft_posted_twice_gets_two_ids(running, api):
    publish_id = api.publish_draft()
    api.ended(publish_id)

    running.control.act_on_post(publish_id, "publish", times=2)

    status = api.ended(publish_id)
    assert status["status"] == "PUBLISH_COMPLETE"
    assert len(status["publicaly_available_post_id"]) == 2


def test_unknown_publish_id_is_refused(running, api):
    answer = api.post("post/publish/status/fetch", {"publish_id": "v_pub_file~x"})

    assert (answer.status_code, code_of(answer)) == (400, "invalid_publish_id")
    assert kinds(running) == ["unknown_publish_id"]


def test_foreign_publish_id_is_refused(running, api):
    publish_id = api.init().json()["data"]["publish_id"]

    answer = Api(running, "northwind.bikes").post(
        "post/publish/status/fetch", {"publish_id": publish_id}
    )

    assert code_of(answer) == "token_not_authorized_for_specified_publish_id"


def test_ban_during_processing_fails_the_post(running, api):
    running.control.settings(processing_s=0.3)
    begun = api.init().json()["data"]
    running.control.add_creator("maple.bakery", is_banned=True)

    put(begun["upload_url"], mp4(1000))

    assert api.ended(begun["publish_id"])["fail_reason"] == "spam_risk_user_banned_from_posting"
