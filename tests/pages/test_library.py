import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import Role
from publishing.media.library import delete_media
from publishing.models import MediaAsset, MediaKind, Post, PostPhoto, Upload
from publishing.states import State
from tests.factories import make_account, make_member, make_team
from tests.publishing.factories import make_media, make_post

NOW = current_moment()
UPLOADED_AT = datetime(2026, 11, 26, 17, 30, tzinfo=UTC)


@pytest.fixture
def account(team):
    return make_account(team, nickname="Maple Bakery")


@pytest.fixture
def person(team):
    return make_member(team).user


def make_photo(team, **overrides):
    photo = {
        "kind": MediaKind.PHOTO,
        "content_type": "image/jpeg",
        "duration_ms": None,
        "codec": "",
    }
    return make_media(team, **(photo | overrides))


def content(response):
    return unescape(response.content.decode())


def show(client, **query):
    response = client.get(reverse("library"), query)
    assert response.status_code == 200
    return content(response)


def item_url(media):
    return reverse("media_item", args=[media.pk])


def show_item(client, media):
    response = client.get(item_url(media))
    assert response.status_code == 200
    return content(response)


def post_link(post):
    return f'href="{reverse("post", args=[post.pk])}"'


def ask(client, *media, **query):
    return client.get(reverse("media_delete"), {"media": [one.pk for one in media], **query})


def delete(client, *media, **more):
    return client.post(reverse("media_delete"), {"media": [one.pk for one in media], **more})


def listed(page):
    return [int(pk) for pk in re.findall(r'id="media-(\d+)"', page)]


def test_a_video_stands_there_with_its_facts(viewer, team):
    member = make_member(team)
    make_media(
        team,
        original_name="fresh rolls.mp4",
        size_bytes=4096,
        duration_ms=65_400,
        uploaded_by=member.user,
        created_at=UPLOADED_AT,
    )

    page = show(viewer)

    assert "fresh rolls.mp4" in page
    assert "Video, 1 min 05 s · 4 kB" in page
    assert "No sound" in page
    assert f"{member.user}, <time" in page
    assert "Thu 26 Nov, 18:30 CET" in page
    assert "Not used" in page


def test_a_photo_stands_there_with_its_pixels(viewer, team):
    make_photo(team, width_px=1080, height_px=1350)

    page = show(viewer)

    assert "Photo, 1080 × 1350" in page
    assert "No sound" not in page


def test_a_picture_keeps_its_place_until_it_comes(viewer, team):
    media = make_media(team)
    media.poster.save("poster.jpg", ContentFile(b"picture"))

    [picture] = re.findall(r'<img class="media-poster"[^>]*>', show(viewer))

    assert reverse("media_poster", args=[media.pk]) in picture
    assert 'width="72" height="128" loading="lazy"' in picture


def test_the_posts_that_use_a_file_are_counted_by_state(viewer, account):
    media = make_post(account).media
    make_post(account, media=media, state=State.PUBLISHED)
    make_post(account, media=media, state=State.PUBLISHED)

    page = show(viewer)

    assert "In 3 posts:" in page
    assert "1 scheduled" in page
    assert "2 published" in page


def test_whoever_left_is_named_so(viewer, team):
    make_media(team, uploaded_by=None)

    assert "Somebody who left" in show(viewer)


def test_a_name_is_text_and_not_markup(viewer, team):
    media = make_media(team, original_name="<script>alert(1)</script>.mp4")

    for url in (reverse("library"), item_url(media)):
        assert b"<script>alert" not in viewer.get(url).content


def test_other_teams_media_are_not_there(stranger, team):
    make_media(team, original_name="ours.mp4")

    assert "ours.mp4" not in show(stranger)


def test_deleted_media_are_not_there(viewer, account, person):
    media = make_post(account, state=State.PUBLISHED).media
    delete_media([media], person, NOW)

    assert "No media yet." in show(viewer)


def test_the_address_says_what_is_shown(viewer, account):
    team = account.team
    film = make_post(account, media=make_media(team, original_name="rolls.mp4")).media
    photo = make_photo(team, original_name="rolls.jpg")
    make_media(team, original_name="bread.mp4")

    assert set(listed(show(viewer, q="rolls"))) == {film.pk, photo.pk}
    assert listed(show(viewer, q="rolls", kind="photo")) == [photo.pk]
    assert listed(show(viewer, q="ROLLS", use="used")) == [film.pk]
    assert listed(show(viewer, sort="name"))[-1] == film.pk


def test_the_menus_show_what_was_chosen(viewer, team):
    make_media(team)

    page = show(viewer, q="x & y", kind="photo", use="unused", sort="largest")

    assert 'value="x & y"' in page
    for value in ("photo", "unused", "largest"):
        assert f'<option value="{value}" selected>' in page


@pytest.mark.parametrize(
    "query",
    [
        {"q": "a\0b"},
        {"q": "(["},
        {"q": "\\"},
        {"q": "x" * 5000},
        {"kind": "sound"},
        {"use": "?"},
        {"sort": "sha256"},
        {"page": "many"},
        {"page": "0"},
        {"page": "9" * 30},
    ],
)
def test_an_unreadable_address_shows_what_it_can(viewer, team, query):
    make_media(team)

    show(viewer, **query)


def test_pages_of_48_hold_every_file_once(viewer, team):
    first = make_media(team)
    fields = {
        field.attname: getattr(first, field.attname)
        for field in MediaAsset._meta.concrete_fields
        if field.name != "id"
    }
    MediaAsset.objects.bulk_create(MediaAsset(**fields) for _ in range(99))

    pages = [show(viewer, q="video", page=number) for number in (1, 2, 3)]

    assert [len(listed(page)) for page in pages] == [48, 48, 4]
    assert len({pk for page in pages for pk in listed(page)}) == 100
    assert "49–96 of 100 files found" in pages[1]
    assert 'href="?q=video"' in pages[1]
    assert 'href="?q=video&page=3"' in pages[1]


def test_a_full_page_stays_under_100_kilobytes(editor, account):
    for _ in range(48):
        make_post(account, media=make_media(account.team, original_name="n" * 255))

    response = editor.get(reverse("library"))

    assert len(response.content) < 100_000


def test_the_number_of_queries_does_not_grow_with_the_files(
    viewer, account, person, django_assert_max_num_queries
):
    make_post(account, media=make_media(account.team, uploaded_by=person))
    with django_assert_max_num_queries(100) as few:
        show(viewer)
    for _ in range(6):
        media = make_media(account.team, uploaded_by=make_member(account.team).user)
        make_post(account, media=media)
        make_post(account, media=media, state=State.PUBLISHED)

    with django_assert_max_num_queries(len(few)):
        show(viewer)


def test_an_empty_library_says_how_it_fills(editor):
    page = show(editor)

    assert "No media yet." in page
    assert 'name="q"' not in page


def test_nothing_found_leads_back_to_everything(viewer, team):
    make_media(team)

    page = show(viewer, q="croissant")

    assert "No file fits “croissant”" in page
    assert "Show all media" in page


def test_the_teams_room_is_told(viewer, team, settings):
    settings.TEAM_QUOTA_BYTES = 2_500_000_000
    make_media(team, size_bytes=40_000)
    make_media(size_bytes=90_000)
    Upload.objects.create(
        team=team,
        person=make_member(team).user,
        size_bytes=1_000_000,
        created_at=NOW,
        expires_at=NOW + timedelta(hours=1),
    )

    page = show(viewer)

    assert "1 file, 40 kB of the 2.50 GB your team may keep; 1.0 MB on the way." in page
    assert 'max="2500000000" value="1040000"' in page


def test_without_a_quota_none_is_told(viewer, team, settings):
    settings.TEAM_QUOTA_BYTES = 0
    make_media(team)

    assert "your team may keep" not in show(viewer)


def test_only_who_runs_the_site_sees_the_disk(team, signed_in, editor):
    owner = signed_in(make_member(team, Role.OWNER))
    other_owner = signed_in(make_member(make_team(), Role.OWNER))

    assert "are free on this server" in show(owner)
    assert "are free on this server" not in show(editor)
    assert "are free on this server" not in show(other_owner)


def test_viewers_look_and_select_nothing(viewer, editor, team):
    media = make_media(team)

    for words in ('type="checkbox" name="media"', "Delete selected…"):
        assert words in show(editor)
        assert words not in show(viewer)
    for words in ("Use in a new post", "Delete…"):
        assert words in show_item(editor, media)
        assert words not in show_item(viewer, media)


def test_the_library_is_in_the_menu(viewer):
    page = show(viewer)

    entries = re.findall(r'class="rail-link" href="([^"]+)"', page)
    assert entries[:3] == [reverse("calendar"), reverse("queue"), reverse("library")]
    assert 'title="Media" aria-current="page"' in page


def test_one_file_shows_itself_and_its_facts(viewer, team):
    media = make_media(team, original_name="rolls.mp4", created_at=UPLOADED_AT)

    page = show_item(viewer, media)

    assert f'<video controls playsinline preload="metadata" src="{file_url(media)}"' in page
    assert 'width="720" height="1280"' in page
    for words in ("MP4, H.264", "720 × 1280, 30 frames", media.sha256, "18:30 CET", "No sound"):
        assert words in page


def file_url(media):
    return reverse("media_file", args=[media.pk])


def test_a_photo_shows_itself(viewer, team):
    media = make_photo(team)

    page = show_item(viewer, media)

    assert f'<img src="{file_url(media)}"' in page
    assert "<dd>JPEG</dd>" in page


def test_the_posts_that_show_a_file_are_linked(viewer, account):
    cover, second = make_photo(account.team), make_photo(account.team)
    post = make_post(account, kind=MediaKind.PHOTO, media=cover, caption="Two photos")
    for position, photo in enumerate((cover, second)):
        PostPhoto.objects.create(post=post, media=photo, position=position)

    for photo in (cover, second):
        page = show_item(viewer, photo)
        assert "In 1 post" in page
        assert post_link(post) in page
        assert "Two photos" in page


def test_a_draft_without_account_or_moment_is_listed(viewer, account):
    draft = make_post(account, state=State.DRAFT, is_consented=False, caption="")
    Post.objects.filter(pk=draft.pk).update(account=None, due_at=None)

    page = show_item(viewer, draft.media)

    assert "Without a caption" in page
    assert "no account yet" in page


def test_many_posts_are_cut_off_with_a_word(viewer, account):
    media = make_media(account.team)
    first = make_post(account, media=media, state=State.PUBLISHED)
    fields = {
        field.attname: getattr(first, field.attname)
        for field in Post._meta.concrete_fields
        if field.name not in {"id", "form_token"}
    }
    Post.objects.bulk_create(Post(**fields) for _ in range(51))

    page = show_item(viewer, media)

    assert page.count('class="use-line"') == 50
    assert "2 older posts are not listed." in page


def test_a_file_can_be_used_in_a_new_post(editor, team):
    media = make_media(team)

    assert f'href="{reverse("compose")}?media={media.pk}"' in show_item(editor, media)


def test_a_needed_file_says_so_instead_of_offering_to_delete_it(editor, account):
    page = show_item(editor, make_post(account).media)

    assert "1 post still needs this file" in page
    assert "Delete…" not in page


def test_a_file_missing_on_the_disk_is_a_warning(viewer, team):
    media = make_media(team)
    media.file.storage.delete(media.file.name)

    assert "The file is missing on this server." in show_item(viewer, media)


def test_a_deleted_file_leaves_its_facts(editor, account, person):
    post = make_post(account, state=State.PUBLISHED)
    post.media.poster.save("poster.jpg", ContentFile(b"picture"))
    delete_media([post.media], person, UPLOADED_AT)

    page = show_item(editor, post.media)

    assert "This file was deleted on <time" in page
    assert "Thu 26 Nov, 18:30 CET" in page
    assert reverse("media_poster", args=[post.media_id]) in page
    assert post.media.sha256 in page
    assert post_link(post) in page
    for words in ("Use in a new post", "Delete…", "<video", "missing on this server"):
        assert words not in page


def test_asking_deletes_nothing(editor, account):
    idle, shown = make_media(account.team), make_post(account, state=State.FAILED).media
    needing = make_post(account)

    page = content(ask(editor, idle, shown, needing.media))

    assert "Delete 2 files?" in page
    assert "Deleted without a trace" in page
    assert "Deleted, but remembered" in page
    assert post_link(needing) in page
    assert MediaAsset.objects.filter(deleted_at=None).count() == 3


def test_only_what_can_be_deleted_is_sent_on(editor, account):
    idle, needed = make_media(account.team), make_post(account).media

    page = content(ask(editor, idle, needed))

    assert re.findall(r'name="media" value="(\d+)"', page) == [str(idle.pk)]


def test_what_is_needed_cannot_even_be_asked_for(editor, account):
    page = content(ask(editor, make_post(account).media))

    assert "This cannot be deleted" in page
    assert "<button" not in page.split('class="page-body')[1].split("</main>")[0]


@pytest.mark.parametrize("role", [Role.OWNER, Role.EDITOR])
def test_an_unused_file_is_deleted(team, signed_in, role, django_capture_on_commit_callbacks):
    client, media = signed_in(make_member(team, role)), make_media(team, original_name="rolls.mp4")

    with django_capture_on_commit_callbacks(execute=True):
        response = delete(client, media)

    assert response["Location"] == reverse("library")
    assert not MediaAsset.objects.exists()
    assert not media.file.storage.exists(media.file.name)
    assert "“rolls.mp4” is deleted." in show(client)


def test_several_are_deleted_at_once(editor, account):
    delete(editor, make_media(account.team), make_post(account, state=State.CANCELED).media)

    assert not MediaAsset.objects.filter(deleted_at=None).exists()
    assert "2 files are deleted." in show(editor)


def test_those_that_are_needed_by_now_are_named_with_their_posts(editor, account):
    idle, post = make_media(account.team), make_post(account, state=State.IN_REVIEW)

    response = delete(editor, idle, post.media)

    assert response.status_code == 409
    page = content(response)
    assert "1 file is deleted. 1 stays, because posts need it." in page
    assert post_link(post) in page
    assert MediaAsset.objects.get() == post.media


def test_the_way_back_leads_to_the_same_list(editor, team):
    media = make_media(team)
    back = "q=rolls&use=unused&page=2&next=https://evil.example"

    page = content(ask(editor, media, back=back))
    response = delete(editor, media, back=back)

    assert f'href="{reverse("library")}?q=rolls&use=unused&page=2"' in page
    assert response["Location"] == f"{reverse('library')}?q=rolls&use=unused&page=2"


@pytest.mark.parametrize("method", ["get", "post"])
def test_nothing_ticked_leads_back_with_a_word(editor, team, method):
    make_media(team)

    response = getattr(editor, method)(reverse("media_delete"))

    assert response["Location"] == reverse("library")
    assert "Tick the files to delete first." in show(editor)


@pytest.mark.parametrize("act", [ask, delete])
def test_what_a_colleague_deleted_is_deleted_already(editor, account, person, act):
    media = make_post(account, state=State.PUBLISHED).media
    delete_media([media], person, NOW)

    assert act(editor, media)["Location"] == reverse("library")
    assert "Deleted already." in show(editor)


@pytest.mark.parametrize("act", [ask, delete])
def test_a_viewer_may_not_delete(viewer, team, act):
    media = make_media(team)

    assert act(viewer, media).status_code == 403
    assert MediaAsset.objects.filter(pk=media.pk, deleted_at=None).exists()


@pytest.mark.parametrize("act", [ask, delete])
def test_for_a_stranger_the_file_does_not_exist(stranger, team, act):
    media = make_media(team)

    assert act(stranger, media).status_code == 404
    assert MediaAsset.objects.filter(pk=media.pk, deleted_at=None).exists()


def test_a_strangers_file_among_ones_own_is_left_alone(stranger, team):
    theirs = make_media(team)
    own = make_media(make_team())
    own.team.memberships.create(user_id=stranger.session["_auth_user_id"], role=Role.EDITOR)

    delete(stranger, own, theirs)

    assert MediaAsset.objects.get() == theirs


def test_the_role_in_the_files_own_team_decides(team, signed_in):
    member = make_member(team, Role.EDITOR)
    other = make_member(role=Role.VIEWER, user=member.user)
    ours, others = make_media(team), make_media(other.team)
    client = signed_in(member)

    assert delete(client, ours, others).status_code == 403
    assert MediaAsset.objects.count() == 2
    assert delete(client, ours).status_code == 302


@pytest.mark.parametrize("key", ["x", "-1", "1.5", "9" * 40])
def test_unreadable_numbers_are_no_file(editor, team, key):
    assert editor.post(reverse("media_delete"), {"media": key}).status_code == 404


def test_a_stranger_cannot_look_at_a_file(stranger, team):
    assert stranger.get(item_url(make_media(team))).status_code == 404


def test_pages_answer_get_only(editor, team):
    for url in (reverse("library"), item_url(make_media(team))):
        assert editor.post(url).status_code == 405
    assert editor.put(reverse("media_delete")).status_code == 405


def test_anonymous_people_are_led_to_sign_in(client, team):
    media = make_media(team)

    for response in (
        client.get(reverse("library")),
        client.get(item_url(media)),
        ask(client, media),
        delete(client, media),
    ):
        assert response["Location"].startswith(reverse("account_login"))
    assert MediaAsset.objects.exists()


def test_people_without_a_team_see_nothing(signed_in, team):
    member = make_member(team)
    client = signed_in(member)
    member.delete()

    assert client.get(reverse("library")).status_code == 403
