"""UX-5: what is posted is seen before, leaves unchanged and only on a person's word."""

import hashlib
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.timezone import now as current_moment
from PIL import Image, ImageChops
from playwright.sync_api import expect

from publishing.models import Post
from publishing.states import State
from tests.browser.rules.kinds import only_photo, only_video
from tests.media_samples import make_mp4
from tests.pages.posting import words_of
from tests.publishing.conftest import step
from tests.publishing.factories import days

PROCESSING_NOTICE = (
    "may take a few minutes for the content to be processed and become visible on the profile"
)
PROCESSING = {
    "video": "TikTok has the whole video and is processing it.",
    "photo": "TikTok fetches the photos from this site and processes them.",
}
TEXT = "  Rolls \U0001f950 at 6\n\n#bread #maple  "
COLOURS = ["crimson", "seagreen", "navy"]


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    return make_mp4(tmp_path_factory.mktemp("film") / "film.mp4", seconds=2)


@pytest.fixture
def pictures(tmp_path):
    paths = []
    for colour in COLOURS:
        path = tmp_path / f"{colour}.jpg"
        Image.new("RGB", (360, 640), colour).save(path, quality=95)
        paths.append(path)
    return paths


@pytest.fixture
def files(kind, film, pictures):
    return [film] if kind == "video" else pictures


@pytest.fixture(params=["direct", "inbox"])
def mode(request):
    return request.param


def upload(screen, files):
    """Chooses the files on the open screen and waits until all have arrived."""
    screen.page.locator("#id_file").set_input_files(files)
    if screen.kind == "video":
        expect(screen.page.locator("#media-panel")).to_contain_text(files[0].name)
    else:
        expect(screen.page.locator("[data-photo]")).to_have_count(len(files))


def fill(screen, account, files, mode):
    """Everything a person decides, up to the press of the button."""
    screen.open(account, media=None)
    upload(screen, files)
    screen.caption.fill(TEXT)
    if mode == "inbox":
        screen.to_inbox()
    else:
        screen.choose("Friends")


@only_video
def test_UX_5a_the_video_plays_before_consent(screen, account, film):
    screen.open(account, media=None)
    upload(screen, [film])

    video = screen.preview.locator("video")
    expect(video).to_be_visible()
    assert video.evaluate("video => video.controls")
    video.evaluate("video => { video.muted = true; return video.play(); }")
    screen.page.wait_for_function(
        "() => document.querySelector('#preview video').currentTime > 0.1"
    )
    assert video.evaluate("video => [video.videoWidth, video.videoHeight]") == [360, 640]


@only_photo
def test_UX_5a_all_photos_in_order_with_the_cover_before_consent(screen, account, pictures):
    screen.open(account, media=None)
    upload(screen, pictures)
    names = screen.page.locator("[data-photo] img").evaluate_all("all => all.map((i) => i.alt)")
    place = names.index("navy.jpg")
    screen.page.get_by_role("radio", name="Cover").nth(place).check()

    shown = screen.preview.locator(".phone-strip li")
    expect(shown).to_contain_text(["1 of 3", "2 of 3", "3 of 3"])
    expect(shown.filter(has_text="Cover")).to_have_count(1)
    expect(shown.nth(place)).to_contain_text("Cover")
    seen = [colour_of(shown.nth(number).locator("img").screenshot()) for number in range(3)]
    assert [f"{colour}.jpg" for colour in seen] == names


def colour_of(png):
    red, green, blue = Image.open(BytesIO(png)).convert("RGB").resize((1, 1)).getpixel((0, 0))
    return COLOURS[[red, green, blue].index(max(red, green, blue))]


def test_UX_5a_the_text_is_shown_before_consent(screen, account):
    screen.open(account)
    screen.caption.fill("Rolls at 6")

    expect(screen.preview.get_by_text("Rolls at 6")).to_be_visible()


@only_video
def test_UX_5b_1_the_bytes_are_the_uploaded_ones(screen, account, film, mode, received):
    fill(screen, account, [film], mode)
    screen.post_now()

    assert received()["sha256"] == hashlib.sha256(film.read_bytes()).hexdigest()


@only_video
def test_UX_5b_1_by_hand(by_hand, film, mode, received):
    sent = SimpleUploadedFile("film.mp4", film.read_bytes(), content_type="video/mp4")

    by_hand(media="", file=sent, mode=mode)

    assert received()["sha256"] == hashlib.sha256(film.read_bytes()).hexdigest()


@only_photo
def test_UX_5b_1_nothing_is_drawn_onto_photos(screen, account, team, pictures):
    screen.open(account, media=None)
    upload(screen, pictures)

    for path in pictures:
        kept = team.media.get(original_name=path.name)
        with Image.open(path) as before, Image.open(kept.file) as after:
            assert after.size == before.size
            difference = ImageChops.difference(before.convert("RGB"), after.convert("RGB"))
            assert max(high for _, high in difference.getextrema()) <= 3
            assert not {"comment", "exif", "xmp"} & after.info.keys()


@only_photo
def test_UX_5b_1_tiktok_fetches_the_photo_as_it_is_kept(screen, account, mode, received):
    screen.open(account)
    screen.to_inbox() if mode == "inbox" else screen.choose("Friends")
    screen.post_now()

    assert received()["sha256"] == screen.media.sha256


def test_UX_5b_2_nothing_is_added_to_the_words(screen, account, files, mode, received, simulator):
    fill(screen, account, files, mode)
    shown = screen.caption.input_value()
    screen.post_now()

    info = received()["post_info"]

    assert shown == TEXT
    if screen.kind == "photo":
        assert info.get("title", "") == ""
        assert info["description"] == TEXT
    elif mode == "inbox":
        assert info == {}
    else:
        assert info["title"] == TEXT


def test_UX_5b_2_by_hand(by_hand, kind, received):
    by_hand(caption=TEXT)

    assert received()["post_info"]["description" if kind == "photo" else "title"] == TEXT


def nothing_was_sent(simulator):
    """Only questions about the creator have reached TikTok."""
    paths = {request["path"] for request in simulator.requests()}
    return paths <= {"/v2/post/publish/creator_info/query/"} and simulator.posts() == []


def test_UX_5c_nothing_is_sent_before_the_button_is_pressed(
    screen, account, files, mode, simulator
):
    fill(screen, account, files, mode)
    yesterday = current_moment() - days(1)
    screen.page.locator("#id_due_date").fill(f"{yesterday:%Y-%m-%d}")
    screen.page.locator("#id_due_time").fill("09:15")
    expect(screen.page.locator("[data-saved]")).to_contain_text("Draft saved")
    step()
    assert nothing_was_sent(simulator)

    screen.page.get_by_role("button", name="Save draft").click()
    expect(screen.page.locator(".standing")).to_contain_text("Nothing is sent")
    step()

    assert nothing_was_sent(simulator)
    assert Post.objects.get().state == State.DRAFT


def test_UX_5c_looking_and_leaving_sends_nothing(screen, account, simulator):
    screen.open(account)
    screen.goto(reverse("calendar"))
    step()

    assert nothing_was_sent(simulator)


@pytest.mark.parametrize("action", ["draft", "", "publish"])
def test_UX_5c_by_hand(by_hand, mode, simulator, action):
    by_hand(action=action, mode=mode)
    step()

    assert nothing_was_sent(simulator)
    assert not Post.objects.exclude(state=State.DRAFT).exists()


def test_UX_5d_the_notice_about_processing(screen, account):
    screen.open(account).choose("Friends")
    expect(screen.seen(PROCESSING_NOTICE)).to_be_visible()

    screen.post_now()

    expect(screen.page.locator(".message")).to_contain_text("may take a few minutes")
    expect(screen.page.locator(".standing")).to_contain_text(PROCESSING_NOTICE)
    step()
    assert Post.objects.get().state == State.PROCESSING
    screen.page.reload()
    expect(screen.page.locator(".standing")).to_contain_text(PROCESSING_NOTICE)


def test_UX_5d_by_hand(by_hand, screen):
    response = by_hand()

    screen.goto(response["Location"])

    expect(screen.page.locator(".standing")).to_contain_text(PROCESSING_NOTICE)


def standing(screen):
    screen.page.reload()
    return screen.page.locator(".standing-words")


def test_UX_5e_every_state_on_the_way_is_seen(screen, account, mode, simulator, run_until):
    screen.open(account)
    screen.to_inbox() if mode == "inbox" else screen.choose("Friends")
    screen.post_now()
    post = Post.objects.get()
    expect(standing(screen)).to_contain_text("Scheduled.")

    if screen.kind == "video":
        simulator.inject_fault("unavailable", path="/upload*", count=1)
        step()
        expect(standing(screen)).to_contain_text("Sending to TikTok, 0 %.")
    run_until(post, State.PROCESSING)
    expect(standing(screen)).to_contain_text(PROCESSING[screen.kind])
    run_until(post, State.IN_INBOX if mode == "inbox" else State.PUBLISHED)

    end = "TikTok inbox" if mode == "inbox" else "Published on TikTok."
    expect(standing(screen)).to_contain_text(end)


def test_UX_5e_a_failure_is_seen_with_its_reason(screen, account, simulator, run_until):
    simulator.set_outcome(fail_reason="spam_risk")
    screen.open(account).choose("Friends")
    screen.post_now()

    run_until(Post.objects.get(), State.FAILED)

    expect(standing(screen)).to_contain_text("TikTok did not post this.")
    expect(standing(screen)).to_contain_text("TikTok finds the content risky.")


def test_UX_5e_a_draft_that_needs_a_hand_is_seen_with_its_reason(
    screen, account, simulator, run_until
):
    simulator.set_outcome(fail_reason="spam_risk_text")
    screen.open(account).to_inbox()
    screen.post_now()

    run_until(Post.objects.get(), State.NEEDS_ATTENTION)

    expect(standing(screen)).to_contain_text("risky. Change the text, then schedule it again.")


def test_UX_5f_the_inbox_notification_must_be_opened(screen, account, run_until):
    screen.open(account).to_inbox()
    screen.post_now()

    run_until(Post.objects.get(), State.IN_INBOX)

    expect(standing(screen)).to_contain_text(
        "In the creator's TikTok inbox. Open the notification in the TikTok app to finish the post."
    )


def test_UX_5f_by_hand(by_hand, client, run_until):
    by_hand(mode="inbox")
    post = run_until(Post.objects.get(), State.IN_INBOX)
    client.force_login(post.author, backend="allauth.account.auth_backends.AuthenticationBackend")

    page = words_of(client.get(reverse("post", args=[post.pk])))

    assert "Open the notification in the TikTok app to finish the post." in page


def test_UX_AI_label_is_unchecked_and_reaches_tiktok(screen, account, received):
    screen.open(account).choose("Friends")
    box = screen.box("AI-generated content")
    expect(box).not_to_be_checked()
    expect(screen.preview.get_by_text("AI-generated")).to_have_count(0)

    box.check()
    expect(screen.preview.get_by_text("Creator labeled as AI-generated")).to_be_visible()
    screen.post_now()

    assert received()["post_info"]["is_aigc"] is True


@pytest.mark.parametrize(("sent", "expected"), [({}, False), ({"is_ai_generated": "on"}, True)])
def test_UX_AI_label_by_hand(by_hand, received, sent, expected):
    by_hand(**sent)

    assert received()["post_info"].get("is_aigc", False) is expected
