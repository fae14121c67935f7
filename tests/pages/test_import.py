from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import Activity, Role
from calendar_app.sheets import MAX_BYTES
from publishing.importing import forget_old
from publishing.models import ImportRun, Label, Post
from publishing.states import State
from tests.factories import make_account, make_member
from tests.pages.posting import words_of
from tests.publishing.factories import make_media, make_photo

pytestmark = pytest.mark.django_db
HEAD = "account,due,media,title,caption,labels"


@pytest.fixture
def account(team):
    return make_account(team, username="ada", nickname="Ada’s Bakery")


@pytest.fixture
def video(team):
    return make_media(team, original_name="Rolls.mp4")


def bring(client, *lines, head=HEAD, follow=True):
    content = "\n".join([head, *lines]).encode()
    file = SimpleUploadedFile("plan.csv", content, "text/csv")
    return client.post(reverse("posts_import"), {"file": file}, follow=follow)


def run_url():
    return reverse("import_run", args=[ImportRun.objects.latest("created_at").pk])


def make(client, **data):
    return client.post(run_url(), data, follow=True)


def test_every_line_is_shown_and_nothing_is_made_yet(editor, account, video):
    page = words_of(bring(editor, "ada,2030-11-26 18:30,rolls.mp4,,Fresh rolls,"))

    assert "1 draft can be made." in page
    assert "Fresh rolls" in page
    assert "Tue 26 Nov 2030, 18:30 CET" in page
    assert not Post.objects.exists()


def test_confirmed_lines_become_drafts_without_any_choice(editor, team, account, video):
    label = Label.objects.create(team=team, name="Autumn")
    bring(editor, "@ADA,2030-11-26 18:30,rolls.mp4,,Fresh rolls,autumn")

    page = words_of(make(editor))

    post = Post.objects.get()
    assert (post.state, post.account, post.media) == (State.DRAFT, account, video)
    assert post.due_at == datetime(2030, 11, 26, 17, 30, tzinfo=UTC)
    assert (post.privacy_level, post.allow_comment, post.is_ai_generated) == ("", False, False)
    assert list(post.labels.all()) == [label]
    assert not post.consents.exists()
    assert "waits for its choices" in page
    story = words_of(editor.get(reverse("post", args=[post.pk])))
    assert "Imported from a file" in story
    assert "plan.csv, line 2" in story


def test_a_second_press_makes_nothing_more(editor, account):
    bring(editor, "ada,,,,One,", "ada,,,,Two,")

    make(editor)
    page = words_of(make(editor))

    assert Post.objects.count() == 2
    assert "2 drafts made" in page
    [line] = Activity.objects.filter(verb="posts_imported")
    assert (line.subject, line.new) == ("plan.csv", "2 drafts")


def test_photos_are_matched_in_their_order(editor, team, account):
    two, one = make_photo(team, original_name="b.jpg"), make_photo(team, original_name="a.jpg")
    bring(editor, "ada,,a.jpg|b.jpg,Two cakes,Which?,")

    make(editor)

    post = Post.objects.get()
    assert (post.kind, post.title) == ("photo", "Two cakes")
    assert post.files() == [one, two]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (",,,,Hello,", "Name the account"),
        ("eve,,,,Hello,", "No connected account is called “eve”"),
        ("ada,tomorrow,,,Hello,", "“tomorrow” is no date and time"),
        ("ada,2030-11-26,,,Hello,", "The time is missing"),
        ("ada,0001-01-01 00:00,,,Hello,", "too far away"),
        ("ada,2020-11-26 18:30,,,Hello,", "This moment has passed"),
        ("ada,2030-03-31 02:30,,,Hello,", "skip 02:30"),
        ("ada,2030-10-27 02:30,,,Hello,", "Write 2030-10-27T02:30+02:00 for the first"),
        ("ada,,missing.mp4,,Hello,", "No file in the media library is called “missing.mp4”"),
        ("ada,,twice.mp4,,Hello,", "2 files in the media library are called “twice.mp4”"),
        ("ada,,rolls.mp4|photo.jpg,,Hello,", "one video, or photos only"),
        ("ada,,rolls.mp4,A title,Hello,", "Only photo posts have a title"),
        ("ada,,,,Hello,Nothing", "The team has no label “Nothing”"),
        (f"ada,,,,{'x' * 2201},", "2200 are allowed"),
        ("Twin,,,,Hello,", "may be @"),
    ],
)
def test_what_is_wrong_stands_beside_the_line(editor, team, account, video, line, words):
    make_photo(team, original_name="photo.jpg")
    for _ in range(2):
        make_media(team, original_name="twice.mp4")
        make_account(team, nickname="Twin")

    page = words_of(bring(editor, line))

    assert words in page
    assert "No line is right yet" in page
    make(editor)
    assert not Post.objects.exists()


def test_a_time_that_comes_twice_may_carry_its_offset(editor, account):
    bring(editor, "ada,2030-10-27T02:30+01:00,,,Hello,")

    make(editor)

    assert Post.objects.get().due_at == datetime(2030, 10, 27, 1, 30, tzinfo=UTC)


def test_good_lines_are_made_beside_bad_ones(editor, account):
    bring(editor, "ada,,,,Good,", "eve,,,,Bad,")

    make(editor)

    assert [post.caption for post in Post.objects.all()] == ["Good"]


def test_all_or_nothing_makes_nothing_beside_a_bad_line(editor, account):
    bring(editor, "ada,,,,Good,", "eve,,,,Bad,")

    response = make(editor, all_or_nothing="on")

    assert response.status_code == 422
    assert "nothing was made" in words_of(response)
    assert not Post.objects.exists()
    assert "checked" in words_of(response)


def test_what_changed_since_the_look_is_judged_anew(editor, account, video):
    bring(editor, "ada,,rolls.mp4,,Hello,")
    type(video).objects.update(deleted_at=current_moment())

    response = make(editor)

    assert response.status_code == 422
    assert not Post.objects.exists()


def test_other_columns_are_said_to_be_ignored(editor, account):
    page = words_of(bring(editor, "ada,SELF_ONLY", head="account,privacy_level"))

    assert "Ignored columns: privacy_level" in page


@pytest.mark.parametrize("content", [b"", b"nothing,known\n1,2\n", b"account\n" + b"x" * MAX_BYTES])
def test_a_bad_file_is_said_beside_the_field(editor, content):
    file = SimpleUploadedFile("plan.csv", content)

    response = editor.post(reverse("posts_import"), {"file": file})

    assert response.status_code == 422
    assert 'class="errorlist' in words_of(response)
    assert not ImportRun.objects.exists()


def test_an_account_out_of_reach_is_not_there(editor, account):
    type(account).objects.update(is_limited=True)

    assert "No connected account is called “ada”" in words_of(bring(editor, "ada,,,,Hello,"))


def test_the_template_reads_as_a_file(editor):
    response = editor.get(reverse("import_template"))

    assert response["Content-Disposition"] == 'attachment; filename="posts-template.csv"'
    assert words_of(response).lstrip("\ufeff").startswith(HEAD)


def test_only_its_author_sees_a_run(editor, team, signed_in, stranger, viewer, client, account):
    bring(editor, "ada,,,,Hello,")
    other = signed_in(make_member(team, Role.OWNER))

    assert other.get(run_url()).status_code == 404
    assert stranger.get(run_url()).status_code == 404
    assert viewer.get(run_url()).status_code == 403
    assert client.get(run_url()).status_code == 302
    assert editor.put(run_url()).status_code == 405


def test_a_viewer_exports_but_imports_nothing(viewer, client):
    page = words_of(viewer.get(reverse("posts_import")))

    assert "Export posts" in page
    assert "Import posts" not in page
    assert viewer.post(reverse("posts_import")).status_code == 403
    assert client.get(reverse("posts_import")).status_code == 302


def test_as_many_queries_for_many_lines(editor, account, django_assert_max_num_queries):
    bring(editor, *["ada,2030-11-26 18:30,a.mp4|b.mp4,,Hello,Autumn"] * 40)

    with django_assert_max_num_queries(12):
        editor.get(run_url())


def test_files_are_forgotten_after_a_week(editor, account):
    bring(editor, "ada,,,,Hello,")

    forget_old(current_moment() + timedelta(days=6))
    assert ImportRun.objects.exists()
    forget_old(current_moment() + timedelta(days=8))
    assert not ImportRun.objects.exists()
