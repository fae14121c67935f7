import json
from datetime import UTC, datetime, timedelta

import pytest

from tiktok import webhooks
from tiktok.webhooks import UnreadableEvent, parse_event, verify_signature

SECRET = "test_client_secret"
SIGNED_S = 1770210875
SIGNATURE = "8aa5d491b66def7f07d34f951f61323db252a6dbb9150f7b33dcc7b975627bbf"
HEADER = f"t={SIGNED_S},s={SIGNATURE}"
BODY = (
    rb'{"client_key":"awkey","event":"post.publish.complete","create_time":1770210873,'
    rb'"user_openid":"-000abc","content":"{\"publish_id\":\"v_pub_file~v2-1.123\",'
    rb'\"publish_type\":\"DIRECT_PUBLISH\"}"}'
)
NOW = datetime.fromtimestamp(SIGNED_S, UTC)


def event_body(**fields):
    content = fields.pop("content", {})
    envelope = {"client_key": "awkey", "event": "tiktok.ping", "create_time": SIGNED_S}
    return json.dumps({**envelope, "content": json.dumps(content), **fields}).encode()


def test_the_vector_of_the_contract_is_signed():
    assert verify_signature(HEADER, BODY, SECRET, NOW, 300)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=,s=",
        f"t={SIGNED_S}",
        f"s={SIGNATURE}",
        f"t=abc,s={SIGNATURE}",
        f"t={SIGNED_S},s={SIGNATURE[:-1]}0",
        f"t={SIGNED_S},s={SIGNATURE[:-1]}",
        f"t={SIGNED_S},s=ü",
        f"t={SIGNED_S + 1},s={SIGNATURE}",
        f"t={'9' * 5000},s={SIGNATURE}",
        SIGNATURE,
    ],
)
def test_a_header_that_does_not_fit_is_not_signed(header):
    assert not verify_signature(header, BODY, SECRET, NOW, 300)


def test_parts_may_come_in_any_order_with_others_between():
    assert verify_signature(f"s={SIGNATURE}, v=2, t={SIGNED_S}", BODY, SECRET, NOW, 300)


def test_a_changed_body_is_not_signed():
    assert not verify_signature(HEADER, BODY + b" ", SECRET, NOW, 300)


def test_another_secret_does_not_sign():
    assert not verify_signature(HEADER, BODY, "another", NOW, 300)


@pytest.mark.parametrize(
    ("offset_s", "is_fresh"), [(300, True), (-300, True), (301, False), (-301, False)]
)
def test_the_moment_of_signing_has_a_tolerance(offset_s, is_fresh):
    now = NOW + timedelta(seconds=offset_s)

    assert verify_signature(HEADER, BODY, SECRET, now, 300) is is_fresh


def test_content_is_decoded_twice():
    event = parse_event(BODY)

    assert event.publish_id == "v_pub_file~v2-1.123"
    assert event.publish_type == "DIRECT_PUBLISH"


def test_the_envelope_is_read():
    event = parse_event(BODY)

    assert (event.client_key, event.event, event.user_openid) == (
        "awkey",
        webhooks.PUBLISH_COMPLETE,
        "-000abc",
    )


@pytest.mark.parametrize("create_time", [1770210873, 1770210873000])
def test_create_time_may_be_seconds_or_milliseconds(create_time):
    event = parse_event(event_body(create_time=create_time))

    assert event.created_at == datetime.fromtimestamp(1770210873, UTC)


@pytest.mark.parametrize("create_time", [None, "soon", True, -1, 10**30])
def test_a_create_time_that_is_no_moment_is_none(create_time):
    assert parse_event(event_body(create_time=create_time)).created_at is None


@pytest.mark.parametrize(
    ("spelling", "event"),
    [
        ("post.publish.publicly_available", "post.publish.publicly_available"),
        ("post.publish.publicaly_available", "post.publish.publicly_available"),
        (
            "post.publish.no_longer_publicly_available",
            "post.publish.no_longer_publicly_available",
        ),
        (
            "post.publish.no_longer_publicaly_available",
            "post.publish.no_longer_publicly_available",
        ),
    ],
)
def test_both_spellings_of_an_event_are_one(spelling, event):
    assert parse_event(event_body(event=spelling)).event == event


@pytest.mark.parametrize("post_id", ["7602997517160123666", 7602997517160123666])
def test_a_post_id_is_text(post_id):
    event = parse_event(event_body(content={"publish_id": "p", "post_id": post_id}))

    assert event.post_id == "7602997517160123666"


def test_a_numeric_reason_is_text():
    event = parse_event(event_body(event="authorization.removed", content={"reason": 0}))

    assert event.reason == "0"


def test_a_failure_carries_its_reason():
    content = {"publish_id": "p", "reason": "spam_risk_text"}

    event = parse_event(event_body(event="post.publish.failed", content=content))

    assert event.reason == "spam_risk_text"


def test_unknown_events_and_fields_are_kept():
    event = parse_event(event_body(event="post.publish.sung", content={"song": "x"}, extra=1))

    assert (event.event, event.content) == ("post.publish.sung", {"song": "x"})


@pytest.mark.parametrize("content", [None, "", {}])
def test_missing_content_leaves_its_fields_empty(content):
    body = json.dumps({"event": "tiktok.ping", "content": content}).encode()

    event = parse_event(body)

    assert (event.publish_id, event.user_openid, event.reason) == ("", "", "")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b"\xff",
        b'{"event":"x","content":"{"}',
        b'{"event":"x","content":"[1]"}',
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_no_event_is_said_to_be_unreadable(body):
    with pytest.raises(UnreadableEvent):
        parse_event(body)
