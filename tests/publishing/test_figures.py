"""Figures of publishing, and that the past does not make them dear."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from publishing import figures
from publishing.models import Attempt, Post
from publishing.states import State
from tests.factories import make_account
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.fixture
def account(db):
    return make_account()


def attempt(account, *, late_s, ago=timedelta(hours=1), number=1):
    init_at = NOW - ago
    post = make_post(account, due_at=init_at - timedelta(seconds=late_s), state=State.PUBLISHED)
    return Attempt.objects.create(
        post=post, number=number, claimed_at=init_at, init_intended_at=init_at, ended_at=init_at
    )


def test_lateness_is_from_due_to_init(account):
    attempt(account, late_s=0.5)
    attempt(account, late_s=3)

    assert sorted(figures.lateness_s(NOW)) == [0.5, 3]


def test_what_went_out_yesterday_is_left_out(account):
    attempt(account, late_s=3, ago=timedelta(hours=25))

    assert figures.lateness_s(NOW) == []


def test_an_attempt_before_a_post_was_moved_says_nothing(account):
    attempt(account, late_s=-3600)

    assert figures.lateness_s(NOW) == []


def test_an_attempt_without_an_init_says_nothing(account):
    post = make_post(account, due_at=NOW)
    Attempt.objects.create(post=post, number=1, claimed_at=NOW)

    assert figures.lateness_s(NOW) == []


def test_the_oldest_overdue_post_is_found(account):
    make_post(account, due_at=NOW - timedelta(minutes=1))
    oldest = make_post(account, due_at=NOW - timedelta(minutes=2))
    make_post(account, due_at=NOW - timedelta(minutes=3), state=State.PUBLISHED)

    assert figures.oldest_overdue(NOW) == oldest


def test_nothing_is_overdue_before_its_moment(account):
    make_post(account, due_at=NOW + timedelta(seconds=1))

    assert figures.oldest_overdue(NOW) is None


READS = [
    (lambda: figures.posts_by_state(), 1),
    (lambda: figures.posts_due(NOW), 1),
    (lambda: figures.oldest_overdue(NOW), 1),
    (lambda: figures.lateness_s(NOW), 2),
]


@pytest.mark.parametrize(("read", "number"), READS)
def test_each_figure_reads_an_index(account, read, number, django_assert_num_queries):
    attempt(account, late_s=1)
    past = make_post(account, state=State.PUBLISHED, is_consented=False)
    fields = {
        field.attname: getattr(past, field.attname)
        for field in Post._meta.concrete_fields
        if field.attname not in {"id", "form_token", "due_at"}
    }
    posts = [Post(**fields, due_at=NOW - timedelta(minutes=one)) for one in range(2000)]
    Post.objects.bulk_create(posts)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    with django_assert_num_queries(number) as asked:
        read()

    for query in asked.captured_queries:
        assert_no_scan_of_posts(query["sql"])


def assert_no_scan_of_posts(sql):
    verb = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{verb} {sql}".replace("%", "%%"))
        plan = "\n".join(str(row) for row in cursor.fetchall())
    assert "SCAN publishing_post'" not in plan, plan
    assert "SCAN publishing_post USING" not in plan, plan
    assert "Seq Scan on publishing_post " not in plan, plan
