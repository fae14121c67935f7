from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils.timezone import now as current_moment

from accounts.models import Activity
from publishing.importing import Order, keep_import, made_posts, make_drafts
from publishing.models import ImportRun, Post
from publishing.plan import Plan
from publishing.refusals import PostRefused
from tests.factories import make_account, make_member
from tests.publishing.factories import make_media

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account():
    return make_account()


@pytest.fixture
def run(account):
    author = make_member(account.team).user
    rows = [{"line": line, "cells": {}} for line in (2, 3, 4)]
    return keep_import(account.team, author, "plan.csv", rows, current_moment())


def orders(account, **values):
    return [
        Order(line, Plan(account=account, media=None, caption=f"Line {line}", **values))
        for line in (4, 3, 2)
    ]


def test_confirming_ten_times_at_once_makes_one_set(account, run):
    def make(_):
        try:
            kept = ImportRun.objects.select_related("team", "author").get(pk=run.pk)
            return make_drafts(kept, orders(account), current_moment())
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        counts = list(pool.map(make, range(10)))

    assert counts == [3] * 10
    assert Post.objects.count() == 3
    assert Activity.objects.filter(verb="posts_imported").count() == 1


def test_the_posts_are_named_in_the_order_of_the_file(account, run):
    make_drafts(run, orders(account), current_moment())

    assert [post.caption for post in made_posts(run)] == ["Line 2", "Line 3", "Line 4"]


def test_one_that_cannot_be_made_keeps_all_back(account, run):
    gone = make_media(account.team, deleted_at=current_moment())
    plan = Plan(account=account, media=gone)

    with pytest.raises(PostRefused):
        make_drafts(run, [*orders(account), Order(9, plan)], current_moment())

    run.refresh_from_db()
    assert run.done_at is None
    assert not Post.objects.exists()
