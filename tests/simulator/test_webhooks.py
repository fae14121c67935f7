import hashlib
import hmac
import json

import pytest

from simulator.webhooks import sign

from .client import token_call, wait_for


@pytest.fixture
def listener(running, web):
    running.control.settings(webhook_url=f"{web.url}/hook")
    return web


def received(listener, event):
    def find():
        found = [json.loads(body) for _, body in listener.posted]
        return next((e for e in found if e["event"] == event), None)

    return wait_for(find)


def content_of(envelope):
    return json.loads(envelope["content"])


def test_signature_equals_the_documented_vector():
    body = (
        b'{"client_key":"awkey","event":"post.publish.complete","create_time":1770210873,'
        b'"user_openid":"-000abc","content":"{\\"publish_id\\":\\"v_pub_file~v2-1.123\\",'
        b'\\"publish_type\\":\\"DIRECT_PUBLISH\\"}"}'
    )

    header = sign("test_client_secret", 1770210875, body)

    assert header == (
        "t=1770210875,s=8aa5d491b66def7f07d34f951f61323db252a6dbb9150f7b33dcc7b975627bbf"
    )


def test_delivery_is_signed_over_its_raw_body(running, api, listener):
    api.publish()
    received(listener, "post.publish.complete")

    headers, body = listener.posted[0]
    moment, mac = (p.partition("=")[2] for p in headers["TikTok-Signature"].split(","))

    expected = hmac.new(
        running.client_secret.encode(), f"{moment}.".encode() + body, hashlib.sha256
    )
    assert mac == expected.hexdigest()


def test_direct_post_sends_complete_and_publicly_available(running, api, listener):
    publish_id = api.publish()

    complete = received(listener, "post.publish.complete")
    public = received(listener, "post.publish.publicly_available")

    [post_id] = api.ended(publish_id)["publicaly_available_post_id"]
    assert complete["user_openid"] == api.tokens["open_id"]
    assert complete["client_key"] == running.client_key
    assert content_of(complete) == {"publish_id": publish_id, "publish_type": "DIRECT_PUBLISH"}
    assert content_of(public)["post_id"] == str(post_id)


def test_failed_post_sends_its_reason(running, api, listener):
    running.control.set_outcome(fail_reason="spam_risk")

    api.publish()

    assert content_of(received(listener, "post.publish.failed"))["reason"] == "spam_risk"


def test_draft_sends_inbox_delivered(api, listener):
    api.publish_draft()

    content = content_of(received(listener, "post.publish.inbox_delivered"))
    assert content["publish_type"] == "INBOX_SHARE"


def test_taken_down_post_sends_the_misspelt_event(running, api, listener):
    publish_id = api.publish()
    api.ended(publish_id)

    running.control.act_on_post(publish_id, "take_down")

    assert received(listener, "post.publish.no_longer_publicaly_available")
    assert "publicaly_available_post_id" not in api.status(publish_id)


def test_user_who_disconnects_sends_authorization_removed(running, api, listener):
    running.control.disconnect("maple.bakery", reason=3)

    assert content_of(received(listener, "authorization.removed")) == {"reason": 3}
    assert api.creator_info().status_code == 401


def test_revoke_by_the_client_sends_authorization_removed(running, api, listener):
    token_call(running, "revoke", token=api.tokens["access_token"])

    assert content_of(received(listener, "authorization.removed")) == {"reason": 5}


def test_delivery_is_retried_until_it_gets_200(running, api, listener):
    listener.post_statuses[:] = [500, 302]

    running.control.send_webhook("tiktok.ping", content={"reason": "testing Webhook"})

    done = wait_for(lambda: [w for w in running.control.webhooks() if w["delivered_at"]])
    assert done[0]["answers"] == [500, 302, 200]
    assert len({body for _, body in listener.posted}) == 1


def test_copies_are_delivered_more_than_once(running, api, listener):
    running.control.settings(webhook_copies=2)

    api.publish(privacy_level="SELF_ONLY")

    assert wait_for(lambda: len(listener.posted) == 2)


@pytest.mark.parametrize("signature", ["wrong", "missing", "t=1,s=00"])
def test_signature_can_be_spoilt(running, listener, signature):
    running.control.send_webhook("tiktok.ping", signature=signature)

    wait_for(lambda: listener.posted)
    headers, body = listener.posted[0]
    sent = headers.get("TikTok-Signature", "missing")
    moment = sent.partition(",")[0].removeprefix("t=")
    assert not moment.isdigit() or sent != sign(running.client_secret, int(moment), body)


def test_raw_body_is_sent_as_it_is(running, listener):
    running.control.send_webhook(raw_body="not json")

    assert wait_for(lambda: listener.posted)[0][1] == b"not json"


def test_webhooks_can_be_switched_off(running, api, listener):
    running.control.settings(webhooks_enabled=False)

    api.ended(api.publish())

    assert running.control.webhooks() == []
