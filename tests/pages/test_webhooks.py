import json
import logging
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils.timezone import now as current_moment

from calendar_app.pages.webhooks import MAX_BODY_BYTES
from publishing.models import WebhookEvent
from publishing.tasks import clean_up
from tests.webhook_samples import signature_of, webhook_body

pytestmark = pytest.mark.django_db

KEY, SECRET = "awkey", "test_client_secret"
VECTOR = (
    rb'{"client_key":"awkey","event":"post.publish.complete","create_time":1770210873,'
    rb'"user_openid":"-000abc","content":"{\"publish_id\":\"v_pub_file~v2-1.123\",'
    rb'\"publish_type\":\"DIRECT_PUBLISH\"}"}'
)
VECTOR_HEADER = "t=1770210875,s=8aa5d491b66def7f07d34f951f61323db252a6dbb9150f7b33dcc7b975627bbf"


@pytest.fixture(autouse=True)
def our_app(settings):
    settings.TIKTOK_CLIENT_KEY, settings.TIKTOK_CLIENT_SECRET = KEY, SECRET


def send(client, body, signature=None):
    signature = signature_of(body, SECRET) if signature is None else signature
    return client.post(
        "/webhooks/tiktok/",
        body,
        content_type="application/json",
        headers={"TikTok-Signature": signature} if signature else {},
    )


def test_an_event_is_kept_and_answered_with_200(client):
    body = webhook_body(KEY, "post.publish.failed", content={"publish_id": "p", "reason": "spam"})

    response = send(client, body)

    event = WebhookEvent.objects.get()
    assert (response.status_code, response.content) == (200, b"")
    assert (event.event, event.publish_id, event.reason) == ("post.publish.failed", "p", "spam")
    assert (event.user_openid, event.worked_off_at) == ("-000abc", None)
    assert event.created_at == datetime.fromtimestamp(1770210873, UTC)


def test_the_vector_of_the_contract_is_accepted(client):
    with time_machine.travel(datetime.fromtimestamp(1770210900, UTC)):
        response = send(client, VECTOR, VECTOR_HEADER)

    assert response.status_code == 200
    assert WebhookEvent.objects.get().publish_id == "v_pub_file~v2-1.123"


def test_no_session_and_no_token_of_ours_is_needed(client):
    client.handler.enforce_csrf_checks = True

    response = send(client, webhook_body(KEY))

    assert response.status_code == 200
    assert not response.cookies


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "t=1,s=00",
        signature_of(webhook_body(KEY), "another secret"),
        signature_of(webhook_body(KEY) + b" ", SECRET),
    ],
)
def test_who_cannot_sign_is_turned_away_without_a_word(client, signature):
    response = send(client, webhook_body(KEY), signature)

    assert (response.status_code, response.content) == (403, b"")
    assert not WebhookEvent.objects.exists()


def test_another_apps_event_is_answered_like_a_bad_signature(client):
    response = send(client, webhook_body("another key"))

    assert (response.status_code, response.content) == (403, b"")
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize(("age_s", "status"), [(3500, 200), (3700, 403), (-3700, 403)])
def test_a_signature_serves_for_as_long_as_the_setting_says(client, settings, age_s, status):
    settings.WEBHOOK_TOLERANCE_S = 3600
    body = webhook_body(KEY)

    response = send(client, body, signature_of(body, SECRET, time.time() - age_s))

    assert response.status_code == status


def test_a_retry_after_three_days_is_in_time(client):
    body = webhook_body(KEY)

    response = send(client, body, signature_of(body, SECRET, time.time() - 72 * 3600))

    assert response.status_code == 200


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"{}", b"\xff\xfe", b"[" * 50_000])
def test_garbage_is_answered_with_400(client, body):
    assert send(client, body).status_code == 400


def test_a_body_that_is_too_long_is_not_read(client):
    body = webhook_body(KEY, filling="x" * MAX_BODY_BYTES)

    assert send(client, body).status_code == 413
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "patch", "options"])
def test_only_post_is_answered(client, method):
    assert getattr(client, method)(reverse("tiktok_webhook")).status_code == 405


@pytest.mark.parametrize(
    "spelling",
    [
        "post.publish.publicly_available",
        "post.publish.publicaly_available",
        "post.publish.no_longer_publicly_available",
        "post.publish.no_longer_publicaly_available",
    ],
)
def test_both_spellings_are_one_event(client, spelling):
    send(client, webhook_body(KEY, spelling))

    assert WebhookEvent.objects.get().event == spelling.replace("publicaly", "publicly")


def test_unknown_events_and_fields_are_taken(client):
    body = webhook_body(KEY, "post.publish.sung", content={"song": 7}, user_openid=None, more=[1])

    assert send(client, body).status_code == 200
    assert WebhookEvent.objects.get().event == "post.publish.sung"


@pytest.mark.parametrize("create_time", [1770210873, 1770210873000])
def test_a_second_delivery_changes_nothing(client, create_time):
    body = webhook_body(KEY, create_time=create_time)
    send(client, body)
    first = WebhookEvent.objects.values().get()

    assert send(client, body).status_code == 200

    assert WebhookEvent.objects.values().get() == first


@pytest.mark.parametrize(
    "values",
    [
        {"event": "post.publish.failed"},
        {"create_time": 1770210874},
        {"user_openid": "-000abd"},
        {"content": {"publish_id": "v_pub_file~v2-1.124"}},
        {"content": {"publish_id": "v_pub_file~v2-1.123", "post_id": "1"}},
    ],
)
def test_what_differs_is_another_event(client, values):
    send(client, webhook_body(KEY))

    send(client, webhook_body(KEY, **values))

    assert WebhookEvent.objects.count() == 2


def test_words_that_no_column_can_hold_are_cut(client):
    content = {"publish_id": "p\0" + "x" * 500, "reason": "\ud800" + "y" * 500}

    response = send(client, webhook_body(KEY, "e" * 500, content=content))

    event = WebhookEvent.objects.get()
    assert response.status_code == 200
    assert (len(event.event), event.publish_id[:2], event.reason[:2]) == (100, "px", "?y")


def test_nothing_of_a_webhook_is_logged(client, caplog):
    caplog.set_level(logging.DEBUG)
    body = webhook_body(KEY, content={"publish_id": "a-very-secret-id"})

    send(client, body)
    send(client, body, signature_of(body, "wrong"))
    send(client, b"a-very-secret-id")

    logged = json.dumps([record.getMessage() for record in caplog.records])
    assert "a-very-secret-id" not in logged
    assert SECRET not in logged
    assert signature_of(body, SECRET).partition("s=")[2] not in logged


def test_one_statement_is_all_that_a_webhook_costs(client, django_assert_num_queries):
    body = webhook_body(KEY)

    with django_assert_num_queries(1):
        send(client, body)


def test_what_was_kept_for_thirty_days_is_removed(client):
    for days in (29, 31):
        send(client, webhook_body(KEY, create_time=1770210873 + days))
        long_ago = current_moment() - timedelta(days=days)
        WebhookEvent.objects.filter(pk=WebhookEvent.objects.latest("id").pk).update(
            received_at=long_ago
        )

    clean_up()

    assert WebhookEvent.objects.count() == 1
