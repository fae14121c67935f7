from datetime import UTC, datetime, timedelta

import pytest

from publishing.duplicates import MAX_FOUND, find_duplicates
from publishing.models import MediaKind, Outcome, Post
from publishing.states import State
from tests.factories import make_account
from tests.publishing.factories import days, make_media, make_photo, make_post, make_try
from tests.publishing.photo_posts import make_photo_post

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.fixture
def account():
    return make_account(nickname="Maple Bakery")


@pytest.fixture
def video(account):
    return make_media(account.team)


def post_at(account, ago, **overrides):
    fields = {"state": State.PUBLISHED, "is_consented": False} | overrides
    return make_post(account, due_at=NOW - ago, **fields)


def search(account, files=(), caption="", leave_out=None):
    sha256s = [file.sha256 for file in files]
    return find_duplicates(account, sha256s, caption, NOW, leave_out)


def test_the_same_video_is_found(account, video):
    post = post_at(account, days(7), media=video)
    post_at(account, days(6))

    [found] = search(account, [video], "Something else")

    assert (found.post, found.at) == (post, NOW - days(7))
    assert (found.what, found.verb) == ("The same video", "went out")


def test_the_same_file_uploaded_twice_is_the_same_video(account, video):
    post_at(account, days(7), media=make_media(account.team, sha256=video.sha256))

    assert len(search(account, [video])) == 1


def test_one_photo_in_common_is_enough(account):
    shared = make_photo(account.team)
    photos = [make_photo(account.team), shared]
    make_photo_post(account, photos=photos, due_at=NOW - days(3), state=State.PUBLISHED)

    [found] = search(account, [make_photo(account.team), shared])

    assert found.what == "One of these photos"


def test_a_caption_is_the_same_whatever_its_spaces(account):
    post_at(account, days(7), caption="Warm  bread,\n\n#maple \u00a0#oven")

    [found] = search(account, caption=" Warm bread, #maple\r\n#oven ")

    assert found.what == "The same caption"


@pytest.mark.parametrize("caption", ["Warmbread", "warm bread", "Warm bread!"])
def test_other_words_are_another_caption(account, caption):
    post_at(account, days(7), caption="Warm bread")

    assert search(account, caption=caption) == []


@pytest.mark.parametrize("caption", ["", " \n "])
def test_empty_captions_are_never_alike(account, caption):
    post_at(account, days(7), caption=caption)

    assert search(account, caption=caption) == []


def test_both_alike_is_said_once(account, video):
    post_at(account, days(7), media=video, caption="Warm bread")

    [found] = search(account, [video], "Warm bread")

    assert found.what == "The same video with the same caption"


@pytest.mark.parametrize(
    ("state", "verb"),
    [
        (State.SCHEDULED, "goes out"),
        (State.UPLOADING, "is on its way"),
        (State.PROCESSING, "is on its way"),
        (State.PUBLISHED, "went out"),
        (State.IN_INBOX, "went to the TikTok inbox"),
        (State.UNCONFIRMED, "may have gone out"),
    ],
)
def test_what_went_out_or_will_counts(account, video, state, verb):
    post_at(account, days(7), media=video, state=state)

    assert [found.verb for found in search(account, [video])] == [verb]


@pytest.mark.parametrize(
    "state",
    [State.DRAFT, State.IN_REVIEW, State.FAILED, State.NEEDS_ATTENTION, State.CANCELED],
)
def test_what_did_not_go_out_does_not_count(account, video, state):
    post_at(account, days(7), media=video, state=state)

    assert search(account, [video]) == []


@pytest.mark.parametrize("state", [State.DRAFT, State.FAILED, State.CANCELED])
def test_what_tiktok_may_have_counts_at_the_moment_of_that_try(account, video, state):
    post = post_at(account, days(-7), media=video, state=state)
    lost = make_try(post)
    make_try(post, Outcome.NOT_POSTED)

    [found] = search(account, [video])

    assert (found.verb, found.may_be_there) == ("may have gone out", True)
    assert found.at == lost.init_intended_at


def test_a_try_that_tiktok_did_not_take_does_not_count(account, video):
    make_try(post_at(account, days(7), media=video, state=State.FAILED), Outcome.NOT_POSTED)

    assert search(account, [video]) == []


def test_what_is_sent_again_goes_out(account, video):
    make_try(post_at(account, days(7), media=video, state=State.SCHEDULED))

    [found] = search(account, [video])

    assert (found.verb, found.may_be_there) == ("goes out", False)


@pytest.mark.parametrize(
    ("ago", "is_found"),
    [(days(29), True), (days(31), False), (days(-29), True), (days(-31), False)],
)
def test_thirty_days_back_and_ahead_are_looked_at(account, video, ago, is_found):
    post_at(account, ago, media=video, state=State.SCHEDULED)

    assert bool(search(account, [video])) == is_found


def test_another_account_may_post_the_same(account, video):
    post_at(make_account(account.team), days(7), media=video)

    assert search(account, [video]) == []


def test_a_post_is_no_duplicate_of_itself(account, video):
    post = post_at(account, days(7), media=video)

    assert search(account, [video], post.caption, leave_out=post.pk) == []


def test_a_moved_post_counts_at_the_moment_it_goes_out(account, video):
    post = post_at(account, days(-1), media=video, state=State.SCHEDULED)
    Post.objects.filter(pk=post.pk).update(next_action_at=NOW + days(2))

    assert search(account, [video])[0].at == NOW + days(2)


def test_the_nearest_come_first_and_not_all_of_many(account, video):
    for ago in (20, 3, -1, 9, 12, -15, 2):
        post_at(account, days(ago), media=video, state=State.SCHEDULED)

    found = search(account, [video])

    distances = [round(abs(one.at - NOW) / timedelta(days=1)) for one in found]
    assert distances == [1, 2, 3, 9, 12]
    assert len(found) == MAX_FOUND


def test_the_number_of_queries_is_fixed(account, video, django_assert_num_queries):
    for ago in range(1, 9):
        post_at(account, days(ago), media=video, kind=MediaKind.VIDEO)

    with django_assert_num_queries(2):
        search(account, [video], "Warm bread")
