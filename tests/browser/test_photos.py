"""Photos on the posting screen: several uploads at once, order by pointer, preview."""

from base64 import b64encode
from pathlib import Path

import pytest
from django.urls import reverse
from PIL import Image
from playwright.sync_api import expect

from publishing.models import MediaKind, Post
from publishing.states import State
from tests.browser.test_compose import account, choose_audience, connect, editor, team
from tests.publishing.conftest import simulator, simulator_process

__all__ = ["account", "connect", "editor", "simulator", "simulator_process", "team"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = []
    for number, colour in enumerate(("crimson", "seagreen", "navy")):
        path = tmp_path / f"{number}-{colour}.png"
        Image.new("RGB", (720, 1280), colour).save(path)
        paths.append(path)
    return paths


@pytest.fixture
def screen(editor, live_server, account, files):
    """The posting screen with three photos."""
    editor.goto(f"{live_server.url}{reverse('compose')}?kind=photo&account={account.pk}")
    editor.locator("#id_file").set_input_files(files)
    expect(editor.locator("[data-photo]")).to_have_count(3)
    return editor


def names(screen):
    return screen.locator("[data-photo] img").evaluate_all("all => all.map((one) => one.alt)")


def places(screen):
    return screen.locator("[data-photo]").evaluate_all("all => all.map((one) => one.dataset.photo)")


def test_several_photos_arrive_at_once_in_the_order_chosen(screen, team, files):
    assert names(screen) == [file.name for file in files]
    kinds = set(team.media.values_list("kind", "content_type"))
    assert kinds == {(MediaKind.PHOTO, "image/jpeg")}
    expect(screen.locator("[data-photo-count]")).to_have_text("3 of 35")


def test_a_photo_is_dragged_to_another_place(screen):
    first, second, third = places(screen)

    screen.locator(f"#photo-{first} img").drag_to(screen.locator(f"#photo-{third} img"))

    assert places(screen) == [second, third, first]
    expect(screen.locator("[data-photo-place]")).to_have_text(["1", "2", "3"])


def test_the_preview_shows_all_in_order_with_the_cover(screen):
    _, second, _ = places(screen)

    screen.locator(f"#cover-{second}").check()

    marks = screen.locator(".phone-strip .phone-marks")
    expect(marks).to_have_text(["1 of 3", "Cover2 of 3", "3 of 3"])


def test_a_photo_taken_out_leaves_the_post(screen):
    _, second, _ = places(screen)

    screen.locator(f"#photo-{second} [data-arrange=remove]").click()

    expect(screen.locator("[data-photo]")).to_have_count(2)
    expect(screen.locator(".phone-strip li")).to_have_count(2)


def test_photos_are_scheduled_with_their_order_and_cover(screen):
    _, second, third = places(screen)
    screen.locator(f"#photo-{third} [data-arrange=up]").click()
    screen.locator(f"#cover-{second}").check()
    screen.locator("#id_title").fill("Three colours")
    choose_audience(screen, "Everyone")
    screen.locator("#id_due_date").fill("2030-07-01")
    screen.locator("#id_due_time").fill("09:15")

    screen.locator("[data-needs=schedule]").click()

    expect(screen.locator(".standing")).to_contain_text("It goes out by itself")
    post = Post.objects.get()
    assert (post.state, post.kind, post.title) == (
        State.SCHEDULED,
        MediaKind.PHOTO,
        "Three colours",
    )
    assert [str(file.pk) for file in post.files()][1:] == [third, second]
    assert post.photo_cover_index == 2


def test_a_file_that_is_no_photo_is_refused_in_words(screen, tmp_path):
    text = tmp_path / "notes.jpg"
    text.write_text("not a photo")

    screen.locator("#id_file").set_input_files(text)

    expect(screen.locator("#media-problems")).to_contain_text("not a photo")
    expect(screen.locator("[data-photo]")).to_have_count(3)


def test_the_first_of_several_photos_is_the_cover_whichever_arrives_first(
    editor, live_server, account, files
):
    """The later photos arrive while the first one is still on its way."""
    held = []
    name = b64encode(files[0].name.encode()).decode()

    def hold_first(route):
        if name in route.request.headers.get("upload-metadata", ""):
            held.append(route)
        else:
            route.continue_()

    editor.route("**/uploads/**", hold_first)
    editor.goto(f"{live_server.url}{reverse('compose')}?kind=photo&account={account.pk}")
    editor.locator("#id_file").set_input_files(files)
    expect(editor.locator("[data-photo]")).to_have_count(2)
    held[0].continue_()
    expect(editor.locator("[data-photo]")).to_have_count(3)

    first = editor.locator("[data-photo]").first
    expect(first.locator("img")).to_have_attribute("alt", files[0].name)
    expect(first.locator("[name=cover]")).to_be_checked()


def test_a_cover_that_was_chosen_stays_when_more_photos_arrive(screen, files):
    covers = screen.locator("[data-photo] [name=cover]")
    covers.nth(1).check()

    screen.locator("#id_file").set_input_files(files[:1])

    expect(screen.locator("[data-photo]")).to_have_count(4)
    expect(covers.nth(1)).to_be_checked()


def test_each_file_that_is_no_photo_is_named(editor, live_server, account, files, tmp_path):
    bad = [tmp_path / "notes.jpg", tmp_path / "plan.png"]
    for path in bad:
        path.write_text("no photo")
    editor.goto(f"{live_server.url}{reverse('compose')}?kind=photo&account={account.pk}")

    editor.locator("#id_file").set_input_files([bad[0], files[0], bad[1]])

    expect(editor.locator("[data-photo]")).to_have_count(1)
    problems = editor.locator("#media-problems li")
    expect(problems).to_have_count(2)
    said = " ".join(problems.all_inner_texts())
    assert "notes.jpg: This file is not a photo" in said
    assert "plan.png: This file is not a photo" in said
