import unicodedata
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.timezone import now as current_moment

from accounts.models import AccountStatus, Role, TikTokAccount
from publishing.app_mode import AppMode
from publishing.deleting import delete_tiktok_account
from publishing.drafts import save_draft
from publishing.media.library import (
    DONE_WITH_MEDIA,
    ORDERS,
    USED,
    Search,
    Use,
    delete_media,
    find_media,
    foresee_deletion,
    needs_media,
    posts_showing,
    remove_forgotten,
    uses_of,
    warnings_about,
)
from publishing.media.room import awaited_bytes, current_limits, kept_bytes, quota_problem
from publishing.models import MediaAsset, MediaKind, Mode, Post, PostPhoto, Upload
from publishing.plan import Plan
from publishing.refusals import PostRefused
from publishing.retrying import retry_post
from publishing.rules import check_post
from publishing.scheduling import schedule_post
from publishing.states import MoveRefused, State
from tests.factories import make_account, make_member, make_team
from tests.publishing.beside import beside
from tests.publishing.factories import make_media, make_post

__all__ = ["beside"]
pytestmark = pytest.mark.django_db
NOW = current_moment()
NEEDING = [state for state in State if needs_media(state)]


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def account(team):
    return make_account(team)


@pytest.fixture
def person(team):
    return make_member(team).user


def with_poster(media):
    media.poster.save("poster.jpg", ContentFile(b"picture"))
    return media


def make_photo(team, **overrides):
    photo = {"kind": MediaKind.PHOTO, "content_type": "image/jpeg", "duration_ms": None}
    return make_media(team, **(photo | overrides))


def make_photo_post(account, photos, **overrides):
    post = make_post(
        account, kind=MediaKind.PHOTO, media=photos[0], is_consented=False, **overrides
    )
    for position, photo in enumerate(photos):
        PostPhoto.objects.create(post=post, media=photo, position=position)
    return post


def plan_with(account, media, **overrides):
    inbox = {"mode": Mode.INBOX, "due_at": current_moment() + timedelta(hours=1)} | overrides
    return Plan(account=account, media=media, **inbox)


def schedule(plan, author):
    return schedule_post(plan.account.team, author, plan, uuid4(), None, current_moment())


def names(team, **search):
    return [media.original_name for media in find_media(make_member(team), Search(**search))]


def exists(file):
    return file.storage.exists(file.name)


def test_the_newest_stand_first(team):
    for days, name in [(2, "old"), (0, "new"), (1, "between")]:
        make_media(team, original_name=name, created_at=NOW - timedelta(days=days))

    assert names(team) == ["new", "between", "old"]


def test_the_largest_stand_first(team):
    for size_bytes in (10, 30, 20):
        make_media(team, original_name=str(size_bytes), size_bytes=size_bytes)

    assert names(team, sort="largest") == ["30", "20", "10"]


def test_names_are_sorted_without_regard_to_case(team):
    for name in ("b.mp4", "C.mp4", "A.mp4"):
        make_media(team, original_name=name)

    assert names(team, sort="name") == ["A.mp4", "b.mp4", "C.mp4"]


@pytest.mark.parametrize("sort", ORDERS)
def test_files_that_are_alike_keep_their_order(team, sort):
    for _ in range(9):
        make_media(team, original_name="same.mp4", size_bytes=100, created_at=NOW)

    pages = [find_media(make_member(team), Search(sort=sort))[at : at + 3] for at in (0, 3, 6)]

    paged = [media.pk for page in pages for media in page]
    assert paged == sorted(paged, reverse=sort != "name")
    assert len(set(paged)) == 9


def test_a_name_must_have_every_word(team):
    for name in ("fresh rolls.mp4", "fresh bread.mp4", "ROLLS, Fresh.mp4"):
        make_media(team, original_name=name)

    assert sorted(names(team, words=" rolls  fresh")) == ["ROLLS, Fresh.mp4", "fresh rolls.mp4"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("words", ["brötchen", "BRÖTCHEN"])
def test_umlauts_are_found_however_they_are_written(team, form, words):
    make_media(team, original_name=unicodedata.normalize(form, "Brötchen.mp4"))

    assert len(names(team, words=words)) == 1


def test_signs_in_the_words_stand_for_themselves(team):
    for name in ("cut (1)_100%.mp4", "cut 21x100y.mp4"):
        make_media(team, original_name=name)

    assert names(team, words="(1)_100% .mp4") == ["cut (1)_100%.mp4"]
    assert names(team, words="c.t") == []


def test_one_kind_can_be_looked_at_alone(team):
    make_media(team, original_name="film")
    make_photo(team, original_name="photo")

    assert names(team, kind=MediaKind.VIDEO) == ["film"]
    assert names(team, kind=MediaKind.PHOTO) == ["photo"]


def test_used_are_films_covers_and_photos_behind_the_cover(account):
    team = account.team
    make_post(account, media=make_media(team, original_name="film"))
    photos = [make_photo(team, original_name=name) for name in ("cover", "second")]
    make_photo_post(account, photos)
    make_media(team, original_name="idle")

    assert sorted(names(team, use="used")) == ["cover", "film", "second"]
    assert names(team, use="unused") == ["idle"]


def test_other_teams_media_are_not_found(team):
    make_media()

    assert names(team) == []


def test_uses_are_counted_by_state_and_a_cover_once(account):
    photos = [make_photo(account.team), make_photo(account.team)]
    make_photo_post(account, photos, state=State.PUBLISHED)
    make_photo_post(account, photos, state=State.PUBLISHED)
    make_photo_post(account, photos[:1], state=State.DRAFT)
    idle = make_media(account.team)

    uses = uses_of(make_member(account.team), [*photos, idle])

    assert uses == {
        photos[0].pk: [Use(State.DRAFT, 1), Use(State.PUBLISHED, 2)],
        photos[1].pk: [Use(State.PUBLISHED, 2)],
    }


def test_uses_take_one_query(account, django_assert_num_queries):
    media = [make_post(account).media for _ in range(3)]
    viewer = make_member(account.team, Role.VIEWER)

    with django_assert_num_queries(1):
        uses_of(viewer, media)


def test_the_posts_that_show_a_photo_are_found_once_each(account):
    cover, second = make_photo(account.team), make_photo(account.team)
    post = make_photo_post(account, [cover, second])

    member = make_member(account.team)

    assert list(posts_showing(member, cover)) == list(posts_showing(member, second)) == [post]


def test_posts_of_accounts_outside_the_reach_are_neither_found_nor_counted(account):
    limited = make_account(account.team, is_limited=True)
    video, photo = make_media(account.team), make_photo(account.team)
    make_post(limited, media=video)
    make_photo_post(limited, [make_photo(account.team), photo])
    editor = make_member(account.team, Role.EDITOR)

    assert not posts_showing(editor, video)
    assert uses_of(editor, [video, photo]) == {}
    assert not find_media(editor, Search(use=USED))
    assert find_media(make_member(account.team), Search(use=USED)).count() == 3


@pytest.mark.parametrize(
    ("values", "warnings"),
    [
        ({"has_audio": True}, []),
        ({"has_audio": False}, ["No sound"]),
        ({"has_audio": True, "width_px": 1280, "height_px": 720}, ["Wider than tall"]),
        ({"kind": MediaKind.PHOTO}, []),
    ],
)
def test_what_may_surprise_is_said(team, values, warnings):
    assert warnings_about(make_media(team, **values)) == warnings


def test_what_nothing_shows_goes_without_a_trace(team, person, django_capture_on_commit_callbacks):
    media = with_poster(make_media(team))

    with django_capture_on_commit_callbacks(execute=True):
        deletion = delete_media([media], person, NOW)

    assert deletion.unused == [media]
    assert not MediaAsset.objects.exists()
    assert not exists(media.file)
    assert not exists(media.poster)


@pytest.mark.parametrize("state", DONE_WITH_MEDIA)
def test_what_past_posts_show_leaves_row_poster_and_consent(
    account, person, state, django_capture_on_commit_callbacks
):
    post = make_post(account, state=state, media=with_poster(make_media(account.team)))

    with django_capture_on_commit_callbacks(execute=True):
        deletion = delete_media([post.media], person, NOW)

    media = MediaAsset.objects.get()
    assert deletion.remembered == [media]
    assert media.deleted_at == NOW
    assert not exists(media.file)
    assert exists(media.poster)
    assert post.consents.get().media_sha256s == [media.sha256]
    assert names(account.team) == []


@pytest.mark.parametrize("state", NEEDING)
def test_what_a_post_needs_stays(account, person, state, django_capture_on_commit_callbacks):
    post = make_post(account, state=state)

    with django_capture_on_commit_callbacks(execute=True):
        deletion = delete_media([post.media], person, NOW)

    [needed] = deletion.needed
    assert (needed.media, needed.posts) == (post.media, [post])
    assert deletion.deleted == []
    assert MediaAsset.objects.get().deleted_at is None
    assert exists(post.media.file)


def test_a_photo_behind_the_cover_is_needed_too(account, person):
    cover, second = make_photo(account.team), make_photo(account.team)
    post = make_photo_post(account, [cover, second], state=State.DRAFT)

    deletion = delete_media([second], person, NOW)

    assert [needed.posts for needed in deletion.needed] == [[post]]


def test_one_post_in_need_among_many_is_enough(account, person):
    media = make_media(account.team)
    make_post(account, media=media, state=State.PUBLISHED)
    draft = make_post(account, media=media, state=State.DRAFT)

    assert delete_media([media], person, NOW).needed[0].posts == [draft]


def test_of_several_those_are_deleted_that_can_be(account, person):
    idle, shown = make_media(account.team), make_post(account, state=State.FAILED).media
    needed = make_post(account).media

    deletion = delete_media([idle, shown, needed], person, NOW)

    assert (deletion.unused, deletion.remembered) == ([idle], [shown])
    assert [one.media for one in deletion.needed] == [needed]


def test_deleting_twice_is_deleting_once(account, person):
    media = [make_media(account.team), make_post(account, state=State.FAILED).media]
    delete_media(media, person, NOW)

    again = delete_media(media, person, NOW + timedelta(hours=1))

    assert (again.deleted, again.needed) == ([], [])
    assert MediaAsset.objects.get().deleted_at == NOW


def test_the_queries_do_not_grow_with_the_files(account, person, django_assert_max_num_queries):
    def three():
        team = account.team
        return [
            make_media(team),
            make_post(account, state=State.FAILED).media,
            make_post(account).media,
        ]

    with django_assert_max_num_queries(100) as few:
        delete_media(three(), person, NOW)
    many = [*three(), *three(), *three()]

    with django_assert_max_num_queries(len(few)):
        delete_media(many, person, NOW)


def test_looking_ahead_deletes_nothing(account):
    idle, shown = make_media(account.team), make_post(account, state=State.FAILED).media

    deletion = foresee_deletion([idle, shown])

    assert (deletion.unused, deletion.remembered) == ([idle], [shown])
    assert MediaAsset.objects.filter(deleted_at=None).count() == 2


def test_an_upload_does_not_offer_its_deleted_media_again(account, person):
    media = make_post(account, state=State.PUBLISHED).media
    moments = {"created_at": NOW, "expires_at": NOW + timedelta(days=1)}
    Upload.objects.create(
        team=account.team, person=person, size_bytes=media.size_bytes, media=media, **moments
    )

    delete_media([media], person, NOW)

    assert not Upload.objects.exists()


def test_deleted_files_leave_room_for_others(account, person, settings):
    settings.TEAM_QUOTA_BYTES = 10_000
    media = make_post(account, state=State.PUBLISHED, media=make_media(size_bytes=8000)).media
    MediaAsset.objects.filter(pk=media.pk).update(team=account.team)
    media.refresh_from_db()
    assert quota_problem(account.team, 4000, current_limits(), NOW)

    delete_media([media], person, NOW)

    assert quota_problem(account.team, 4000, current_limits(), NOW) == ""
    assert kept_bytes(account.team) == awaited_bytes(account.team, NOW) == 0


def test_a_post_with_a_deleted_file_breaks_a_rule(account, person):
    post = make_post(account, state=State.FAILED)
    delete_media([post.media], person, NOW)

    problems = check_post(Post.objects.get(), None, AppMode.SIMULATOR)

    assert "media_deleted" in [problem.code for problem in problems]


def test_so_does_one_whose_second_photo_was_deleted(account, person):
    cover, second = make_photo(account.team), make_photo(account.team)
    make_photo_post(account, [cover, second], state=State.FAILED)
    delete_media([second], person, NOW)

    problems = check_post(Post.objects.get(), None, AppMode.SIMULATOR)

    assert "media_deleted" in [problem.code for problem in problems]


@pytest.mark.parametrize("state", [State.PUBLISHED, None])
def test_a_deleted_file_can_be_neither_saved_nor_scheduled(account, person, state):
    media = make_post(account, state=state).media if state else make_media(account.team)
    plan = plan_with(account, media)
    before = Post.objects.count()
    delete_media([media], person, NOW)

    for keep in (schedule, lambda plan, who: save_draft(account.team, who, plan, uuid4(), NOW)):
        with pytest.raises(PostRefused, match=r"deleted from the media library"):
            keep(plan, person)

    assert Post.objects.count() == before


def test_a_failed_post_without_its_file_is_not_retried(account, person):
    post = make_post(account, state=State.FAILED)
    delete_media([post.media], person, NOW)

    with pytest.raises(MoveRefused, match="Edit the post as a draft and choose another"):
        retry_post(post, person, current_moment())

    post.refresh_from_db()
    assert post.state == State.FAILED


def test_what_no_post_shows_any_more_is_forgotten(
    account, person, django_capture_on_commit_callbacks
):
    media = with_poster(make_media(account.team))
    post = make_post(account, state=State.FAILED, media=media)
    delete_media([media], person, NOW)
    assert remove_forgotten() == 0
    TikTokAccount.objects.update(status=AccountStatus.DISCONNECTED)
    delete_tiktok_account(post.account, person, NOW)

    with django_capture_on_commit_callbacks(execute=True):
        assert remove_forgotten() == 1

    assert not MediaAsset.objects.exists()
    assert not exists(media.poster)


def test_media_nobody_deleted_are_never_forgotten(team):
    make_media(team)

    assert remove_forgotten() == 0


def assert_waits(future):
    with pytest.raises(TimeoutError):
        future.result(timeout=0.7)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", [State.PUBLISHED, None])
def test_a_post_cannot_be_scheduled_with_a_file_deleted_a_moment_before(
    account, person, beside, state
):
    media = make_post(account, state=state).media if state else make_media(account.team)
    plan = plan_with(account, media)

    with transaction.atomic():
        delete_media([media], person, NOW)
        scheduling = beside(lambda: schedule(plan, person))
        assert_waits(scheduling)

    with pytest.raises(PostRefused, match="was deleted"):
        scheduling.result(timeout=30)
    assert not Post.objects.filter(state=State.SCHEDULED).exists()


@pytest.mark.django_db(transaction=True)
def test_a_file_scheduled_a_moment_before_is_not_deleted(account, person, beside):
    media = make_post(account, state=State.PUBLISHED).media

    with transaction.atomic():
        post = schedule(plan_with(account, media), person)
        deleting = beside(lambda: delete_media([media], person, NOW))
        assert_waits(deleting)

    assert deleting.result(timeout=30).needed[0].posts == [post]
    assert exists(media.file)


@pytest.mark.django_db(transaction=True)
def test_a_post_cannot_be_retried_with_a_file_deleted_a_moment_before(account, person, beside):
    post = make_post(account, state=State.FAILED)

    with transaction.atomic():
        delete_media([post.media], person, NOW)
        retrying = beside(lambda: retry_post(post, person, current_moment()))
        assert_waits(retrying)

    with pytest.raises(MoveRefused, match="was deleted"):
        retrying.result(timeout=30)


@pytest.mark.django_db(transaction=True)
def test_a_file_of_a_post_retried_a_moment_before_is_not_deleted(account, person, beside):
    post = make_post(account, state=State.FAILED)

    with transaction.atomic():
        retry_post(post, person, current_moment())
        deleting = beside(lambda: delete_media([post.media], person, NOW))
        assert_waits(deleting)

    assert deleting.result(timeout=30).needed[0].posts == [post]
    assert exists(post.media.file)
