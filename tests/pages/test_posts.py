import re
from datetime import UTC, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import AccountStatus, Role
from accounts.zones import moment_words
from calendar_app.pages.post_actions import copied_content
from publishing.journal import add_line
from publishing.media.library import delete_media
from publishing.models import Attempt, JournalLine, Mode, Post, Source, WebhookEvent
from publishing.states import State
from publishing.webhooks import NOT_PUBLIC
from tests.factories import make_account, make_member
from tests.publishing.changing import order_photos
from tests.publishing.factories import days, make_photo, make_post, make_try
from tests.publishing.photo_posts import make_begun_draft, make_photo_post

ACTIONS = ["post_cancel", "post_reschedule", "post_retry", "post_reopen"]


@pytest.fixture
def account(team):
    return make_account(team, nickname="Maple Bakery")


@pytest.fixture
def scheduled(account):
    return make_post(account, due_at=current_moment() + days(2))


def show(client, post):
    response = client.get(reverse("post", args=[post.pk]))
    assert response.status_code == 200
    return unescape(response.content.decode())


def without_tags(page):
    return " ".join(re.sub(r"<[^>]+>", "", page).split())


def act(client, name, post, **data):
    return client.post(reverse(name, args=[post.pk]), data)


def status(client, post, mark=""):
    url = reverse("post_status", args=[post.pk])
    return client.get(url, headers={"If-None-Match": f'"{mark}"'})


def action_url(name, post):
    return f'action="{reverse(name, args=[post.pk])}"'


def test_the_page_says_where_the_post_stands(viewer, scheduled):
    page = show(viewer, scheduled)

    assert "It goes out by itself at its time." in page
    assert scheduled.caption in page
    assert "Everyone" in page


def test_the_page_announces_that_processing_takes_minutes(viewer, scheduled):
    assert "may take a few minutes" in show(viewer, scheduled)


def test_the_story_quotes_tiktok_with_code_and_log_id(viewer, scheduled):
    JournalLine.objects.create(
        post=scheduled,
        kind="init_failed",
        at=datetime(2026, 11, 26, 17, 30, 5, tzinfo=UTC),
        code="spam_risk_too_many_posts",
        message="Daily limit reached",
        log_id="20261126LOG",
        http_status=403,
    )

    page = show(viewer, scheduled)

    assert "“Daily limit reached”" in page
    assert "spam_risk_too_many_posts" in page
    assert "20261126LOG" in page
    assert "Thu 26 Nov 2026, 18:30:05 CET" in page


def test_a_viewer_is_offered_no_actions(viewer, scheduled):
    page = show(viewer, scheduled)

    assert not any(action_url(name, scheduled) in page for name in ACTIONS)


def test_an_editor_is_offered_what_makes_sense(editor, scheduled):
    page = show(editor, scheduled)

    offered = {name: action_url(name, scheduled) in page for name in ACTIONS}
    assert offered == {
        "post_cancel": True,
        "post_reschedule": True,
        "post_retry": False,
        "post_reopen": True,
    }


def test_a_published_post_offers_nothing_and_is_looked_at_less_often(editor, account):
    published = make_post(account, state=State.PUBLISHED)

    page = show(editor, published)

    assert not any(action_url(name, published) in page for name in ACTIONS)
    assert 'data-live-pace-s="10"' in page


def test_a_draft_can_be_continued(editor, account):
    draft = make_post(account, state=State.DRAFT, is_consented=False)

    assert f"{reverse('compose')}?draft={draft.pk}" in show(editor, draft)


def test_a_draft_without_account_and_media_has_a_page(editor, team):
    page = show(editor, make_begun_draft(team))

    assert "Empty draft" in page
    assert "<dt>Account</dt><dd>Not chosen yet</dd>" in page
    assert "<dt>Cover</dt>" not in page
    assert primary(page) == ["act-proceed"]


def test_an_empty_draft_that_was_discarded_has_a_page(viewer, team):
    draft = make_begun_draft(team)
    draft.move_to(State.CANCELED, now=current_moment(), reason="Canceled.")

    assert "Nothing will be sent." in show(viewer, draft)


@pytest.mark.parametrize(
    ("texts", "headline"),
    [
        ({"title": "Three loaves", "caption": "Warm."}, "Three loaves"),
        ({"title": "", "caption": "Warm."}, "Warm."),
        ({"title": "", "caption": ""}, "photo.jpg"),
    ],
)
def test_a_post_is_known_by_its_title_then_by_its_caption(viewer, account, texts, headline):
    photo = make_photo(account.team, original_name="photo.jpg")
    page = show(viewer, make_photo_post(account, photos=[photo], **texts))

    assert f'<h1 class="post-title truncate">{headline}</h1>' in page


@pytest.mark.parametrize("state", [State.SCHEDULED, State.DRAFT])
def test_a_post_that_repeats_another_warns(viewer, account, state):
    now = current_moment()
    earlier = make_post(account, state=State.PUBLISHED, due_at=now - days(7))
    post = make_post(account, state=state, due_at=now + days(1), media=earlier.media)

    page = show(viewer, post)

    on = moment_words(earlier.due_at.astimezone(ZoneInfo("Europe/Berlin")), now)
    assert f'<a href="{reverse("post", args=[earlier.pk])}">{on}</a>' in page
    assert (
        f"The same video went out for Maple Bakery on {on}. "
        "TikTok treats repeated content as spam." in without_tags(page)
    )


def test_a_repeat_of_what_tiktok_may_have_leads_planners_to_the_look(editor, viewer, account):
    lost = make_post(account, state=State.FAILED)
    make_try(lost)
    post = make_post(account, due_at=current_moment() + days(1), media=lost.media)
    look = f'<a href="{reverse("post_again", args=[lost.pk])}">Look whether it is there</a>'

    assert look in show(editor, post)
    assert look not in show(viewer, post)
    assert "The same video may have gone out" in show(viewer, post)


def test_a_draft_without_a_date_is_compared_with_now(viewer, account):
    earlier = make_post(account, state=State.PUBLISHED)
    draft = make_post(account, state=State.DRAFT, media=earlier.media)
    Post.objects.filter(pk=draft.pk).update(due_at=None)

    assert "The same video went out" in show(viewer, draft)


def test_what_went_out_warns_no_more(viewer, account):
    earlier = make_post(account, state=State.PUBLISHED)
    post = make_post(account, state=State.PUBLISHED, media=earlier.media)

    assert "repeated content" not in show(viewer, post)


@pytest.mark.parametrize("state", State.values)
def test_every_post_can_be_duplicated(editor, account, state):
    post = make_post(account, state=state)

    assert f'href="{reverse("compose")}?from={post.pk}"' in show(editor, post)


def test_a_viewer_is_not_offered_to_duplicate(viewer, scheduled):
    assert "?from=" not in show(viewer, scheduled)


def test_a_duplicate_takes_over_the_video_and_nothing_that_is_chosen(account):
    chosen = {
        "allow_comment": True,
        "allow_duet": True,
        "discloses_content": True,
        "is_your_brand": True,
        "is_ai_generated": True,
        "cover_timestamp_ms": 1500,
    }
    post = make_post(account, caption="Warm.\n #bread", **chosen)

    assert copied_content(post) == {
        "kind": "video",
        "media": post.media_id,
        "photos": [],
        "title": "",
        "caption": "Warm.\n #bread",
        "cover": post.media_id,
        "cover_timestamp_ms": 1500,
        "labels": [],
    }


def test_a_duplicate_keeps_photos_in_their_order_and_their_cover(account):
    post = make_photo_post(account, title="Loaves", cover=2, auto_add_music=True)
    order_photos(post, post.files()[::-1])

    copied = copied_content(post)

    assert copied["photos"] == [file.pk for file in post.files()]
    assert (copied["media"], copied["title"]) == (post.media_id, "Loaves")
    assert "auto_add_music" not in copied


def test_an_empty_draft_is_copied_as_nothing(team):
    copied = copied_content(make_begun_draft(team))

    assert not any(value for name, value in copied.items() if name != "kind")


def phone(page):
    return page.split('<div class="phone">')[1].split('<dl class="facts')[0]


def test_photos_stand_in_their_order_with_their_places(viewer, account):
    post = make_photo_post(account, cover=1)
    order_photos(post, post.files()[::-1])

    shown = phone(show(viewer, post))

    files = [reverse("media_file", args=[file.pk]) for file in post.files()]
    assert re.findall(r'<img src="([^"]+)"', shown) == files
    assert re.findall(r"\d of 3", shown) == ["1 of 3", "2 of 3", "3 of 3"]


def test_the_cover_of_photos_is_marked(viewer, account):
    first, second, third = phone(show(viewer, make_photo_post(account, cover=2))).split("<li>")[1:]

    assert ["Cover" in part for part in (first, second, third)] == [False, False, True]


def test_a_strip_of_photos_is_scrolled_with_the_keyboard(viewer, account):
    shown = phone(show(viewer, make_photo_post(account)))

    assert 'role="region" tabindex="0" aria-label="3 photos in their order' in shown


def test_one_photo_needs_no_scrolling(viewer, team, account):
    shown = phone(show(viewer, make_photo_post(account, photos=[make_photo(team)])))

    assert "tabindex" not in shown
    assert "1 of 1" not in shown


def test_a_video_stands_at_its_cover(viewer, account):
    post = make_post(account, cover_timestamp_ms=3250)

    shown = phone(show(viewer, post))

    assert f'src="{reverse("media_file", args=[post.media_id])}#t=3.250"' in shown
    assert "Cover at 0:03.2" in shown
    assert "<dt>Cover</dt><dd>Frame at 0:03.2</dd>" in show(viewer, post)


def test_without_a_chosen_cover_it_is_the_first_frame(viewer, account):
    post = make_post(account)

    assert "#t=" not in phone(show(viewer, post))
    assert "<dt>Cover</dt><dd>First frame</dd>" in show(viewer, post)


BRAND = {"discloses_content": True, "is_your_brand": True}
BRANDED = {"discloses_content": True, "is_branded_content": True}


@pytest.mark.parametrize(
    ("choices", "labels"),
    [
        ({}, []),
        (BRAND, ["Promotional content"]),
        (BRANDED, ["Paid partnership"]),
        (BRAND | BRANDED, ["Paid partnership"]),
        ({"is_ai_generated": True}, ["Creator labeled as AI-generated"]),
        (
            BRANDED | {"is_ai_generated": True},
            ["Paid partnership", "Creator labeled as AI-generated"],
        ),
    ],
)
def test_the_phone_shows_the_labels_that_tiktok_will(viewer, account, choices, labels):
    shown = phone(show(viewer, make_post(account, **choices)))

    found = shown.split('class="phone-labels">')[1:]
    assert re.findall(r"<li>([^<]+)</li>", "".join(found)) == labels


def test_facts_of_photos_name_what_photos_have(viewer, account):
    post = make_photo_post(
        account, title="Three loaves", cover=1, allow_comment=True, allow_duet=True
    )

    page = show(viewer, post)

    assert "<dt>Title</dt><dd>Three loaves</dd>" in page
    assert "<dt>Allowed</dt><dd>Comment</dd>" in page
    assert "<dt>Cover</dt><dd>Photo 2 of 3</dd>" in page
    assert "<dt>Music</dt><dd>TikTok adds none</dd>" in page


def test_music_that_tiktok_adds_is_named(viewer, account):
    page = show(viewer, make_photo_post(account, auto_add_music=True))

    assert "<dt>Music</dt><dd>TikTok adds recommended music</dd>" in page


def test_a_draft_in_the_inbox_is_finished_in_the_app(viewer, account):
    post = make_post(account, mode=Mode.INBOX, privacy_level="", state=State.IN_INBOX)

    page = show(viewer, post)

    finish = page.split('<section class="finish"')[1].split("</section>")[0]
    assert "Finish it in the TikTok app" in finish
    assert "who can watch it, and whether comments, duets and stitches are allowed" in finish
    assert '<a href="#caption-to-paste">' in finish
    assert f"readonly>\n{post.caption}</textarea>" in page


def test_photos_in_the_inbox_bring_their_texts_along(viewer, account):
    page = show(viewer, make_photo_post(account, mode=Mode.INBOX, state=State.IN_INBOX))

    assert "title and description: they came along" in page
    assert "duets" not in page
    assert "<textarea" not in page


def test_what_is_not_in_the_inbox_yet_cannot_be_finished(viewer, account):
    page = show(viewer, make_post(account, mode=Mode.INBOX, privacy_level=""))

    assert "Finish it in the TikTok app" not in page
    assert "<dt>Goes to</dt><dd>The TikTok inbox</dd>" in page
    assert "Who can view" not in page


def test_photos_that_tiktok_fetches_have_no_progress(viewer, account):
    post = make_photo_post(account, state=State.UPLOADING)
    now = current_moment()
    Attempt.objects.create(post=post, number=1, claimed_at=now, source=Source.PULL_FROM_URL)

    assert "<progress" not in show(viewer, post)


def test_a_video_that_is_sent_has_a_progress(viewer, account):
    post = make_post(account, state=State.UPLOADING)
    Attempt.objects.create(post=post, number=1, claimed_at=current_moment(), bytes_confirmed=1024)

    assert 'max="100" value="25"' in show(viewer, post)


def test_an_unconfirmed_post_is_posted_again_from_a_page_of_its_own(editor, account):
    post = make_post(account, state=State.UNCONFIRMED)

    page = show(editor, post)

    assert f'href="{reverse("post_again", args=[post.pk])}"' in page
    assert action_url("post_retry", post) not in page


def primary(page):
    """The ids of the buttons and links that stand out."""
    return re.findall(r'<(?:a|button) class="button is-primary" id="(act-[a-z-]+)"', page)


def stuck(account, code="", state=State.NEEDS_ATTENTION, **overrides):
    post = make_post(account, state=State.PROCESSING, **overrides)
    JournalLine.objects.create(post=post, kind="verdict", at=current_moment(), code=code)
    post.move_to(state, now=current_moment(), reason="Why.", note="Why.")
    return post


@pytest.mark.parametrize(
    ("code", "action"),
    [
        ("", "act-reopen"),
        ("spam_risk_text", "act-reopen"),
        ("privacy_level_option_mismatch", "act-reopen"),
        ("file_format_check_failed", "act-reopen"),
        ("unaudited_client_can_only_post_to_private_accounts", "act-reopen"),
        ("spam_risk_user_banned_from_posting", "act-retry"),
        ("spam_risk_too_many_pending_share", "act-retry"),
        ("auth_removed", "act-reconnect"),
    ],
)
def test_the_action_that_fits_the_problem_stands_out(editor, account, code, action):
    assert primary(show(editor, stuck(account, code))) == [action]


def test_a_post_nobody_agreed_to_must_be_edited(editor, account):
    failed = stuck(account, "internal_error", State.FAILED, is_consented=False)

    assert primary(show(editor, failed)) == ["act-reopen"]


def test_a_private_post_refused_for_a_public_account_is_retried(editor, account):
    code = "unaudited_client_can_only_post_to_private_accounts"

    page = show(editor, stuck(account, code, privacy_level="SELF_ONLY"))

    assert primary(page) == ["act-retry"]


@pytest.fixture
def without_file(account):
    """A failed post whose video was deleted."""
    post = make_post(account, state=State.FAILED)
    post.media.poster.save("poster.jpg", ContentFile(b"picture"))
    delete_media([post.media], post.author, datetime(2026, 11, 26, 17, 30, tzinfo=UTC))
    return post


def test_the_poster_stands_in_for_a_deleted_file(viewer, without_file):
    page = show(viewer, without_file)

    assert f'<img src="{reverse("media_poster", args=[without_file.media_id])}"' in page
    assert "The file was deleted on <time" in page
    assert "Thu 26 Nov, 18:30 CET" in page
    assert "<video" not in page


def test_a_failed_post_without_its_file_can_only_be_edited(editor, without_file):
    page = show(editor, without_file)

    assert primary(page) == ["act-reopen"]
    assert action_url("post_retry", without_file) not in page
    assert "Its file was deleted from the media library." in page


def test_a_retry_without_the_file_is_refused_in_words(editor, without_file):
    response = editor.post(reverse("post_retry", args=[without_file.pk]), follow=True)

    without_file.refresh_from_db()
    assert without_file.state == State.FAILED
    assert "was deleted from the media library. Edit the post as a draft" in unescape(
        response.content.decode()
    )


def test_a_draft_made_of_it_has_no_video_chosen(editor, without_file):
    act(editor, "post_reopen", without_file)

    page = editor.get(reverse("compose"), {"draft": without_file.pk}).content.decode()

    assert f'name="media" value="{without_file.media_id}"' not in page


def test_a_lost_account_is_connected_again_first(editor, account):
    post = stuck(account, "spam_risk_text")
    account.status = AccountStatus.RECONNECT_NEEDED
    account.save()

    assert primary(show(editor, post)) == ["act-reconnect"]


@pytest.mark.parametrize("code", ["", "auth_removed"])
def test_once_connected_again_the_post_is_retried(editor, account, code):
    post = stuck(account, code)
    account.connected_at = current_moment()
    account.save()

    assert primary(show(editor, post)) == ["act-retry"]


@pytest.fixture
def real_tiktok(settings):
    settings.SIMULATOR_IS_BUILT_IN = settings.SIMULATOR_IN_USE = False


@pytest.mark.usefixtures("real_tiktok")
def test_an_unconfirmed_post_leads_to_the_profile(editor, account):
    page = show(editor, make_post(account, state=State.UNCONFIRMED))

    assert primary(page) == ["act-look"]
    assert f'href="https://www.tiktok.com/@{account.username}"' in page


@pytest.mark.usefixtures("real_tiktok")
def test_a_published_post_links_to_itself(viewer, account):
    page = show(viewer, make_post(account, state=State.PUBLISHED, public_post_id="739"))

    assert f'href="https://www.tiktok.com/@{account.username}/video/739"' in page


@pytest.mark.usefixtures("real_tiktok")
def test_a_photo_post_has_a_photos_address(viewer, account):
    page = show(viewer, make_photo_post(account, state=State.PUBLISHED, public_post_id="739"))

    assert f'href="https://www.tiktok.com/@{account.username}/photo/739"' in page


def test_with_the_simulator_the_link_leads_there(viewer, account, settings):
    settings.SIMULATOR_IS_BUILT_IN = True

    page = show(viewer, make_post(account, state=State.PUBLISHED, public_post_id="739"))

    assert f'href="/simulator/@{account.username}/video/739"' in page


def test_a_private_post_says_that_it_has_no_public_link(viewer, account):
    page = show(viewer, make_post(account, state=State.PUBLISHED, privacy_level="SELF_ONLY"))

    assert "Posts for “Only me” have no public link." in page


@pytest.mark.usefixtures("real_tiktok")
def test_published_photos_link_to_themselves(viewer, account):
    post = make_post(account, kind="photo", state=State.PUBLISHED, public_post_id="739")

    page = show(viewer, post)

    assert f'href="https://www.tiktok.com/@{account.username}/photo/739"' in page


def test_while_the_link_is_looked_for_the_page_says_so_and_is_watched(viewer, account):
    post = make_post(account, state=State.PUBLISHED)
    Post.objects.update(next_action_at=current_moment() + timedelta(minutes=2))

    page = show(viewer, post)

    assert "TikTok has not named the post’s own link yet; it is asked again" in page
    assert 'data-live-pace-s="2.5"' in page


def test_a_link_that_was_not_found_in_a_day_is_waited_for_no_more(viewer, account):
    page = show(viewer, make_post(account, state=State.PUBLISHED))

    assert "TikTok has not named the post’s own link." in page


def test_a_finished_draft_may_have_a_link(viewer, account):
    post = make_post(account, mode="inbox", privacy_level="", state=State.PUBLISHED)

    assert "TikTok has not named the post’s own link." in show(viewer, post)


def test_a_post_that_is_no_longer_public_says_since_when(viewer, account):
    post = make_post(
        account,
        state=State.PUBLISHED,
        public_post_id="739",
        taken_down_at=current_moment() - days(1),
        note=NOT_PUBLIC,
    )

    page = show(viewer, post)

    assert f"Published on TikTok. {NOT_PUBLIC}" in page
    assert "Not public since" in page
    assert "/video/739" not in page


@pytest.fixture
def unanswered(account):
    """A pull whose answer was lost an hour ago."""
    post = make_post(account, state=State.UNCONFIRMED)
    an_hour_ago = current_moment() - timedelta(hours=1)
    Attempt.objects.create(
        post=post, number=1, claimed_at=an_hour_ago, init_intended_at=an_hour_ago
    )
    return post


def report(account, minutes_ago, **values):
    at = current_moment() - timedelta(minutes=minutes_ago)
    fields = {"event": "post.publish.complete", "user_openid": account.open_id} | values
    WebhookEvent.objects.create(
        key=minutes_ago, publish_id="v_pub~x", created_at=at, received_at=at, **fields
    )


def test_an_unconfirmed_post_tells_of_a_report_that_may_be_its_own(viewer, account, unanswered):
    mark = status(viewer, unanswered)["ETag"].strip('"')

    report(account, 50)

    assert status(viewer, unanswered, mark).status_code == 200
    assert "TikTok reported a post of Maple Bakery" in show(viewer, unanswered)


@pytest.mark.parametrize(
    "values",
    [
        {"minutes_ago": 70},
        {"minutes_ago": 50, "event": "post.publish.failed"},
        {"minutes_ago": 50, "user_openid": "-somebody"},
    ],
)
def test_a_report_about_something_else_is_not_told(viewer, account, unanswered, values):
    report(account, **values)

    assert "TikTok reported a post" not in show(viewer, unanswered)


def test_a_report_that_belongs_to_another_post_is_not_told(viewer, account, unanswered):
    Attempt.objects.create(
        post=make_post(account, state=State.PUBLISHED),
        number=1,
        claimed_at=current_moment(),
        publish_id="v_pub~x",
    )
    report(account, 50)

    assert "TikTok reported a post" not in show(viewer, unanswered)


def test_what_is_allowed_is_a_list(viewer, account):
    assert "<dd>Comment, Duet</dd>" in show(
        viewer, make_post(account, allow_comment=True, allow_duet=True)
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("PUBLISH_COMPLETE", "TikTok says it is published"),
        ("PROCESSING_UPLOAD, TikTok has 5242880 bytes.", "TikTok has 5.2 MB of it so far"),
        ("PROCESSING_UPLOAD, TikTok has 0 bytes.", "TikTok has none of it so far"),
        ("TikTok took the post as v_pub_file~v2.", "<dd><code>v_pub_file~v2</code></dd>"),
    ],
)
def test_the_story_keeps_codes_behind_plain_words(viewer, scheduled, text, words):
    add_line(scheduled, "asked", current_moment(), text)

    page = show(viewer, scheduled)

    assert words in page
    assert f"<p>{text}</p>" not in page


def test_good_news_is_not_marked_as_trouble(viewer, scheduled):
    add_line(scheduled, "verdict", current_moment(), "PUBLISH_COMPLETE")

    assert "is-trouble" not in show(viewer, scheduled)


def test_an_error_is_marked_as_trouble(viewer, account):
    assert "is-trouble" in show(viewer, stuck(account, "spam_risk"))


def test_the_answer_stands_before_the_state_it_led_to(viewer, account):
    now = current_moment()
    post = make_post(account, state=State.PROCESSING)
    add_line(post, "verdict", now, "PUBLISH_COMPLETE")
    post.move_to(State.PUBLISHED, now=now, reason="TikTok says PUBLISH_COMPLETE.")

    page = show(viewer, post)

    answer, state = "TikTok says it is published", "<strong>Published</strong>"
    assert page.index(answer) < page.index(state)


def test_the_story_does_not_repeat_itself(viewer, account):
    post = make_post(account, state=State.PROCESSING)
    add_line(post, "verdict", current_moment(), "FAILED: TikTok finds the content risky.")
    post.move_to(State.FAILED, now=current_moment(), reason="TikTok finds the content risky.")

    assert show(viewer, post).count("TikTok finds the content risky.") == 1


def test_an_unchanged_status_is_answered_with_304(viewer, scheduled):
    mark = show(viewer, scheduled).split('data-live-mark="')[1].split('"')[0]

    assert status(viewer, scheduled, mark).status_code == 304


def test_a_changed_status_is_sent(viewer, scheduled):
    mark = status(viewer, scheduled)["ETag"].strip('"')
    scheduled.move_to(State.CANCELED, now=current_moment(), reason="Canceled.")

    response = status(viewer, scheduled, mark)

    assert response.status_code == 200
    assert "Nothing will be sent." in response.content.decode()


def test_a_line_in_the_journal_is_news(viewer, scheduled):
    mark = status(viewer, scheduled)["ETag"].strip('"')
    add_line(scheduled, "held", current_moment(), "TikTok's rate window is full.")

    assert status(viewer, scheduled, mark).status_code == 200


def test_an_editor_cancels(editor, scheduled):
    act(editor, "post_cancel", scheduled)

    scheduled.refresh_from_db()
    assert scheduled.state == State.CANCELED


def test_a_published_post_cannot_be_canceled_and_says_why(editor, account):
    published = make_post(account, state=State.PUBLISHED)

    response = editor.post(reverse("post_cancel", args=[published.pk]), follow=True)

    assert "too late to cancel" in response.content.decode()


def test_an_editor_moves_a_post_in_the_shown_zone(editor, scheduled):
    act(editor, "post_reschedule", scheduled, due_date="2030-07-01", due_time="09:15")

    scheduled.refresh_from_db()
    assert scheduled.due_at == datetime(2030, 7, 1, 7, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose a date."),
        ({"due_date": "2030-07-01"}, "Choose a time."),
        ({"due_date": "tomorrow", "due_time": "09:15"}, "Enter the date as"),
        ({"due_date": "2020-07-01", "due_time": "09:15"}, "This moment has passed."),
        ({"due_date": "2030-03-31", "due_time": "02:30"}, "skip 02:30"),
        ({"due_date": "2030-10-27", "due_time": "02:30"}, "show 02:30 twice"),
    ],
)
def test_a_moment_that_cannot_be_is_refused_in_words(editor, scheduled, data, words):
    before = scheduled.due_at

    response = act(editor, "post_reschedule", scheduled, **data)

    scheduled.refresh_from_db()
    assert words in unescape(response.content.decode())
    assert scheduled.due_at == before


def test_the_second_of_two_such_times_can_be_chosen(editor, scheduled):
    moment = {"due_date": "2030-10-27", "due_time": "02:30", "due_fold": "second"}

    act(editor, "post_reschedule", scheduled, **moment)

    scheduled.refresh_from_db()
    assert scheduled.due_at == datetime(2030, 10, 27, 1, 30, tzinfo=UTC)


def test_an_editor_retries_a_failed_post(editor, account):
    failed = make_post(account, state=State.FAILED)

    act(editor, "post_retry", failed)

    failed.refresh_from_db()
    assert failed.state == State.SCHEDULED


@pytest.fixture
def over_cap(account):
    """A failed post of an account whose one place of the day is taken."""
    account.daily_cap = 1
    account.save()
    make_post(account, state=State.PUBLISHED, init_at=current_moment())
    return make_post(account, state=State.FAILED)


def offered_moment(response):
    page = unescape(response.content.decode())
    return re.search(r'name="due_at" value="([^"]+)"', page)[1]


def test_a_retry_over_the_cap_is_refused_and_the_next_free_moment_is_one_click(editor, over_cap):
    refused = act(editor, "post_retry", over_cap)
    offered = offered_moment(refused)
    over_cap.refresh_from_db()
    before = over_cap.state

    act(editor, "post_retry", over_cap, due_at=offered)

    over_cap.refresh_from_db()
    assert "would have more than 1 posts in 24 hours" in unescape(refused.content.decode())
    assert (before, over_cap.state) == (State.FAILED, State.SCHEDULED)
    assert over_cap.due_at == datetime.fromisoformat(offered)


def test_a_moment_that_cannot_be_read_sends_nothing(editor, over_cap):
    Post.objects.filter(state=State.PUBLISHED).delete()

    act(editor, "post_retry", over_cap, due_at="soon")

    over_cap.refresh_from_db()
    assert over_cap.state == State.FAILED


@pytest.mark.parametrize("role", [Role.OWNER, Role.EDITOR])
def test_owners_and_editors_retry(signed_in, account, role):
    failed = make_post(account, state=State.FAILED)

    act(signed_in(make_member(account.team, role)), "post_retry", failed)

    failed.refresh_from_db()
    assert failed.state == State.SCHEDULED


@pytest.mark.parametrize("role", [Role.OWNER, Role.EDITOR])
def test_owners_and_editors_reopen(signed_in, scheduled, role):
    act(signed_in(make_member(scheduled.team, role)), "post_reopen", scheduled)

    scheduled.refresh_from_db()
    assert scheduled.state == State.DRAFT


@pytest.mark.parametrize("name", ACTIONS)
def test_anonymous_people_change_nothing(client, scheduled, name):
    location = act(client, name, scheduled)["Location"]

    scheduled.refresh_from_db()
    assert location.startswith(reverse("account_login"))
    assert scheduled.state == State.SCHEDULED


def test_a_retry_without_consent_is_refused_in_words(editor, account):
    failed = make_post(account, state=State.FAILED, is_consented=False)

    response = editor.post(reverse("post_retry", args=[failed.pk]), follow=True)

    failed.refresh_from_db()
    assert failed.state == State.FAILED
    assert "Nobody has agreed to this content" in response.content.decode()


def test_editing_makes_it_a_draft_and_opens_the_form(editor, scheduled):
    response = act(editor, "post_reopen", scheduled)

    scheduled.refresh_from_db()
    assert scheduled.state == State.DRAFT
    assert response["Location"] == f"{reverse('compose')}?draft={scheduled.pk}"


@pytest.mark.parametrize("name", ACTIONS)
def test_a_viewer_may_not_act(viewer, scheduled, name):
    assert act(viewer, name, scheduled).status_code == 403
    assert Post.objects.get(pk=scheduled.pk).state == State.SCHEDULED


@pytest.mark.parametrize("name", ACTIONS)
def test_for_a_stranger_the_post_does_not_exist(stranger, scheduled, name):
    assert act(stranger, name, scheduled).status_code == 404
    assert Post.objects.get(pk=scheduled.pk).state == State.SCHEDULED


@pytest.mark.parametrize("name", ["post", "post_status"])
def test_a_stranger_cannot_look(stranger, scheduled, name):
    assert stranger.get(reverse(name, args=[scheduled.pk])).status_code == 404


@pytest.mark.parametrize("name", ACTIONS)
def test_actions_answer_post_only(editor, scheduled, name):
    assert editor.get(reverse(name, args=[scheduled.pk])).status_code == 405


@pytest.mark.parametrize("name", ["post", "post_status"])
def test_pages_answer_get_only(editor, scheduled, name):
    assert editor.post(reverse(name, args=[scheduled.pk])).status_code == 405


@pytest.mark.parametrize("name", ["post", "post_status"])
def test_anonymous_people_are_led_to_sign_in(client, scheduled, name):
    location = client.get(reverse(name, args=[scheduled.pk]))["Location"]

    assert location.startswith(reverse("account_login"))


def test_a_member_of_two_teams_acts_by_the_role_in_the_posts_team(team, scheduled, signed_in):
    member = make_member(team, Role.EDITOR)
    member.joined_at = current_moment() + timedelta(hours=1)
    member.save()
    make_member(role=Role.VIEWER, user=member.user)

    act(signed_in(member), "post_cancel", scheduled)

    scheduled.refresh_from_db()
    assert scheduled.state == State.CANCELED


def test_what_would_stop_a_scheduled_post_stands_on_its_page(viewer, scheduled):
    problem = {"code": "media_lost", "text": "The media file is no longer on this server."}
    found = {"preflight_problems": [problem], "preflight_checked_at": current_moment()}
    Post.objects.filter(pk=scheduled.pk).update(**found)

    page = show(viewer, scheduled)

    assert "It will not go out as it is." in page
    assert problem["text"] in page


def test_what_was_found_ahead_is_no_news_of_a_published_post(viewer, scheduled):
    found = {"preflight_problems": [{"code": "disk_low", "text": "The disk is full."}]}
    Post.objects.filter(pk=scheduled.pk).update(state=State.PUBLISHED, **found)

    assert "The disk is full." not in show(viewer, scheduled)
