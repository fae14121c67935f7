"""After an outage: what is a little late goes out, what is very late waits for a person."""

from datetime import timedelta

import pytest
from django.utils.timezone import now as current_moment

from publishing.models import JournalLine
from publishing.retrying import retry_post
from publishing.states import State
from tests.publishing.conftest import step
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db(transaction=True)


def late_post(connect, **late):
    return make_post(connect(), due_at=current_moment() - timedelta(**late))


def test_a_post_later_than_the_setting_waits_for_a_person(connect, simulator, settings):
    settings.OVERDUE_S = 3600
    post = late_post(connect, hours=5, minutes=2)

    step()

    post.refresh_from_db()
    assert post.state == State.NEEDS_ATTENTION
    assert "passed 5 h 2 min ago" in post.note
    assert simulator.requests() == []


def test_a_post_within_the_setting_goes_out_and_says_how_late(connect, settings, run_until):
    settings.OVERDUE_S = 3600
    post = late_post(connect, minutes=59)

    run_until(post, State.PUBLISHED)

    intended = JournalLine.objects.get(post=post, kind="init_intended")
    assert intended.text == "59 minutes after its time."


def test_a_post_on_time_says_nothing_of_it(connect, run_until):
    post = make_post(connect())

    run_until(post, State.PUBLISHED)

    assert JournalLine.objects.get(post=post, kind="init_intended").text == ""


def test_a_person_may_send_it_all_the_same(connect, settings, run_until):
    settings.OVERDUE_S = 3600
    post = late_post(connect, hours=5)
    step()
    post.refresh_from_db()

    retry_post(post, post.author, current_moment())

    run_until(post, State.PUBLISHED)


def test_what_was_begun_before_the_outage_starts_over(connect, settings, simulator):
    settings.OVERDUE_S = 3600
    post = make_post(connect())
    simulator.inject_fault(kind="status", status=503, path="/upload*", count=1)
    step()
    post.refresh_from_db()
    assert post.state == State.UPLOADING

    step(seconds_later=7200)

    post.refresh_from_db()
    assert post.state == State.SCHEDULED
    assert "upload address no longer works" in post.note
