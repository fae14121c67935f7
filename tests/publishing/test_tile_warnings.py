"""What the calendar warns of for many posts at once."""

from datetime import UTC, datetime, timedelta

import pytest

from publishing.duplicates import repeated_among
from publishing.models import Mode, Post
from publishing.rules import lacks_choices
from publishing.states import State
from tests.factories import make_account
from tests.publishing.factories import make_media, make_post
from tests.publishing.photo_posts import make_begun_draft

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_the_same_file_of_an_account_is_repeated():
    account = make_account()
    media = make_media(account.team)
    posts = [make_post(account, due_at=AT + timedelta(days=n), media=media) for n in range(2)]

    assert repeated_among(posts) == {post.pk for post in posts}


def test_the_same_caption_is_repeated_and_an_empty_one_is_not():
    account = make_account()
    same = [make_post(account, due_at=AT, caption="Fresh rolls") for _ in range(2)]
    empty = [make_post(account, due_at=AT, caption="") for _ in range(2)]

    assert repeated_among([*same, *empty]) == {post.pk for post in same}


def test_another_account_and_another_month_repeat_nothing():
    account = make_account()
    post = make_post(account, due_at=AT, caption="Fresh rolls")
    make_post(make_account(account.team), due_at=AT, caption="Fresh rolls")
    make_post(account, due_at=AT + timedelta(days=31), caption="Fresh rolls")

    assert repeated_among([post]) == set()


def test_a_draft_is_like_what_goes_out_but_nothing_is_like_a_draft():
    account = make_account()
    draft = make_post(account, state=State.DRAFT, due_at=AT, caption="Fresh rolls")
    post = make_post(account, due_at=AT, caption="Fresh rolls")

    assert repeated_among([draft, post]) == {draft.pk}


def test_many_posts_take_one_query(django_assert_num_queries):
    account = make_account()
    posts = list(
        Post.objects.filter(
            pk__in=[make_post(account, due_at=AT).pk for _ in range(4)]
        ).select_related("media")
    )

    with django_assert_num_queries(1):
        repeated_among(posts)


def test_a_draft_lacks_choices_until_a_person_made_them():
    account = make_account()

    assert lacks_choices(make_begun_draft(account.team))
    assert lacks_choices(make_post(account, state=State.DRAFT, privacy_level=""))
    assert lacks_choices(make_post(account, state=State.DRAFT, discloses_content=True))
    assert not lacks_choices(make_post(account, state=State.DRAFT))
    assert not lacks_choices(
        make_post(account, state=State.DRAFT, mode=Mode.INBOX, privacy_level="")
    )
