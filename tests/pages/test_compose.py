import re
from datetime import UTC, datetime
from html import unescape
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from calendar_app.forms.compose import CHOICES
from publishing.models import Consent, Post
from publishing.states import State
from tests.factories import make_account
from tests.media_samples import make_mp4
from tests.publishing.factories import make_media, make_post

S1_LINK = "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en"
S2_LINK = "https://www.tiktok.com/legal/page/global/bc-policy/en"


@pytest.fixture
def account(team, connect):
    return connect(team, nickname="Maple Bakery")


@pytest.fixture
def media(team):
    return make_media(team)


@pytest.fixture
def form(account, media):
    """What a person filled in, ready to be scheduled."""
    return {
        "form_token": str(uuid4()),
        "kind": "video",
        "accounts": [account.pk],
        "media": media.pk,
        "mode": "direct",
        "caption": "Fresh rolls",
        f"account-{account.pk}-privacy_level": "SELF_ONLY",
        "due_date": "2030-07-01",
        "due_time": "09:15",
        "action": "schedule",
    }


def show(client, **query):
    response = client.get(reverse("compose"), query)
    assert response.status_code == 200
    return unescape(response.content.decode())


def send(client, form, **changes):
    """Choices among the changes are those of the form's first account."""
    return client.post(reverse("compose"), changed(form, **changes))


def changed(form, **changes):
    [pk, *_] = form["accounts"]
    return form | {
        f"account-{pk}-{name}" if name in CHOICES else name: value
        for name, value in changes.items()
    }


def words(response):
    return unescape(response.content.decode())


def inputs(page, name):
    """The markup of every input with this name."""
    tags = [part.split(">")[0] for part in page.split("<input")[1:]]
    return [tag for tag in tags if f'name="{name}"' in tag or f'-{name}"' in tag]


def test_the_creator_is_asked_live_and_shown(editor, account, simulator):
    page = show(editor, account=account.pk)

    assert "Maple Bakery" in page
    assert f"@{account.username}" in page
    assert simulator.requests(path="creator_info")


def test_no_browser_keeps_what_tiktok_said(editor, account):
    addresses = reverse("compose"), reverse("compose_creator", args=[account.pk])

    kept = [editor.get(address)["Cache-Control"] for address in addresses]

    assert all("no-store" in words for words in kept)


def test_the_audiences_are_exactly_those_offered(editor, team, connect):
    account = connect(team, privacy_level_options=["MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"])

    options = inputs(show(editor, account=account.pk), "privacy_level")

    assert ["MUTUAL" in options[0], "SELF_ONLY" in options[1], len(options)] == [True, True, 2]


def test_no_audience_is_chosen_beforehand(editor, account):
    page = show(editor, account=account.pk, privacy_level="SELF_ONLY")

    assert "Select who can view" in page
    assert not any("checked" in option for option in inputs(page, "privacy_level"))


@pytest.mark.parametrize(
    "name",
    [
        "allow_comment",
        "allow_duet",
        "allow_stitch",
        "discloses_content",
        "is_your_brand",
        "is_branded_content",
        "is_ai_generated",
    ],
)
def test_nothing_is_ticked_beforehand(editor, account, name):
    (box,) = inputs(show(editor, account=account.pk, **{name: "on"}), name)

    assert "checked" not in box


def test_what_the_creator_switched_off_is_greyed(editor, team, connect):
    account = connect(team, comment_disabled=True, stitch_disabled=True)
    page = show(editor, account=account.pk)

    boxes = [inputs(page, name)[0] for name in ("allow_comment", "allow_duet", "allow_stitch")]

    assert ["disabled" in box for box in boxes] == [True, False, True]


@pytest.mark.parametrize(
    "code",
    [
        "spam_risk_too_many_posts",
        "spam_risk_user_banned_from_posting",
        "reached_active_user_cap",
    ],
)
def test_a_creator_who_cannot_post_now_is_said_so(editor, account, simulator, code):
    simulator.inject_fault(code, path="*creator_info*", status=200)

    page = show(editor, account=account.pk)

    assert "cannot post now" in page
    assert code in page
    assert "data-creator-ready" not in page


def test_choosing_an_account_loads_its_parts(editor, account):
    response = editor.get(reverse("compose_creator", args=[account.pk]))

    assert "Maple Bakery" in words(response)
    assert f'id="panel-{account.pk}"' in words(response)
    assert "SELF_ONLY" in words(response)


def test_a_strangers_account_has_no_parts(stranger, account):
    assert stranger.get(reverse("compose_creator", args=[account.pk])).status_code == 404


@pytest.mark.parametrize(
    "sentence",
    [
        "Content Disclosure Setting",
        "Your brand",
        "Branded content",
        "Your video will be labeled as 'Promotional content'",
        "Your video will be labeled as 'Paid partnership'",
        "You need to indicate if your content promotes yourself, a third party, or both.",
        "Branded content visibility cannot be set to private.",
        "Allow Comment",
        "Duet",
        "Stitch",
        "may take a few minutes for the content to be processed and become visible on the profile",
    ],
)
def test_tiktoks_words_are_on_the_page(editor, account, sentence):
    assert sentence in show(editor, account=account.pk)


def test_both_declarations_link_to_tiktoks_documents(editor, account):
    page = show(editor, account=account.pk)

    standard, branded = page.split('id="declaration-branded"')
    standard, branded = standard.split('id="declaration"')[1], branded.split("</p>")[0]
    assert f'<a href="{S1_LINK}" target="_blank" rel="noopener">Music Usage' in standard
    assert f'<a href="{S2_LINK}" target="_blank" rel="noopener">Branded Content P' in branded
    assert S1_LINK in branded


def test_scheduling_makes_a_post_with_consent(editor, form, media):
    response = send(editor, form, allow_comment="on")

    post = Post.objects.get()
    assert response["Location"] == reverse("post", args=[post.pk])
    assert post.state == State.SCHEDULED
    assert post.due_at == datetime(2030, 7, 1, 7, 15, tzinfo=UTC)
    assert (post.media, post.privacy_level, post.caption) == (media, "SELF_ONLY", "Fresh rolls")
    assert (post.allow_comment, post.allow_duet, post.allow_stitch) == (True, False, False)
    assert Consent.objects.get().post == post


def test_a_form_sent_twice_makes_one_post(editor, form):
    first, second = send(editor, form), send(editor, form)

    assert Post.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_line_breaks_reach_tiktok_as_one_character(editor, form):
    send(editor, form, caption="one\r\ntwo ")

    assert Post.objects.get().caption == "one\ntwo "


@pytest.mark.parametrize("action", ["", "publish"])
def test_without_a_pressed_button_nothing_is_kept(editor, form, action):
    page = words(send(editor, form, action=action))

    assert "Fresh rolls" in page
    assert "form-errors" not in page
    assert not Post.objects.exists()


def test_post_now_needs_no_time(editor, form):
    send(editor, form, action="now", due_date="", due_time="")

    post = Post.objects.get()
    assert post.state == State.SCHEDULED
    assert post.due_at <= post.updated_at


def test_a_draft_needs_no_choices(editor, form):
    send(editor, form, action="draft", privacy_level="", due_date="", due_time="")

    post = Post.objects.get()
    assert (post.state, post.privacy_level, post.due_at) == (State.DRAFT, "", None)
    assert not Consent.objects.exists()


def test_the_inbox_takes_none_of_the_choices(editor, form):
    send(editor, form, mode="inbox", allow_comment="on", discloses_content="on")

    post = Post.objects.get()
    assert (post.mode, post.privacy_level) == ("inbox", "")
    assert not post.allow_comment
    assert not post.discloses_content


def test_switching_disclosure_off_clears_both_boxes(editor, form):
    send(editor, form, is_your_brand="on", is_branded_content="on")

    post = Post.objects.get()
    assert (post.is_your_brand, post.is_branded_content) == (False, False)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"accounts": []}, "Choose the account that posts."),
        ({"media": ""}, "Choose a video."),
        ({"privacy_level": ""}, "Choose who can view this post."),
        ({"privacy_level": "FOLLOWER_OF_CREATOR"}, "TikTok does not offer “Followers”"),
        ({"due_date": "", "due_time": ""}, "Choose a date."),
        ({"due_date": "2020-01-01"}, "This moment has passed."),
        ({"due_date": "2030-03-31", "due_time": "02:30"}, "skip 02:30"),
        ({"due_date": "2030-10-27", "due_time": "02:30"}, "show 02:30 twice"),
        ({"caption": "x" * 2201}, "2201 characters"),
        ({"discloses_content": "on"}, "You need to indicate if your content promotes"),
        (
            {"discloses_content": "on", "is_branded_content": "on"},
            "Branded content visibility cannot be set to private.",
        ),
        ({"form_token": "x"}, "Enter a valid UUID."),
    ],
)
def test_what_is_wrong_stands_in_the_summary(editor, form, changes, problem):
    response = send(editor, form, **changes)

    summary = words(response).split('id="form-errors"')[1].split("</div>")[0]
    assert problem in summary
    assert not Post.objects.filter(state=State.SCHEDULED).exists()


def test_nothing_typed_is_lost_when_the_form_is_refused(editor, form, media):
    page = words(send(editor, form, due_date="2020-01-01", allow_duet="on"))

    assert "Fresh rolls" in page
    assert f'name="media" value="{media.pk}"' in page
    assert form["form_token"] in page
    assert 'value="2020-01-01"' in page
    assert "checked" in inputs(page, "allow_duet")[0]
    assert any("SELF_ONLY" in o and "checked" in o for o in inputs(page, "privacy_level"))


def test_a_file_in_the_form_itself_is_kept_even_when_the_form_is_refused(
    editor, form, team, tmp_path
):
    film = make_mp4(tmp_path / "clip.mp4").read_bytes()
    upload = SimpleUploadedFile("clip.mp4", film, content_type="video/mp4")

    page = words(send(editor, form, media="", file=upload, privacy_level=""))

    kept = team.media.get(original_name="clip.mp4")
    assert f'name="media" value="{kept.pk}"' in page


def test_a_refused_file_in_the_form_says_why(editor, form):
    page = words(send(editor, form, media="", file=SimpleUploadedFile("a.mp4", b"no film")))

    assert "Choose a video." not in page
    assert '<a href="#media">Media</a>' in page


def test_a_refused_file_is_named_when_another_button_was_pressed(editor, form):
    text = SimpleUploadedFile("a.mp4", b"no film")

    page = words(send(editor, form, media="", file=text, look="accounts"))

    problems = page.split('id="media-problems"')[1].split("</div>")[0]
    assert "not a video" in problems
    assert "Fresh rolls" in page


def test_another_teams_video_cannot_be_posted(editor, form):
    response = send(editor, form, media=make_media().pk)

    assert "Choose a video of this team." in words(response)
    assert not Post.objects.exists()


def test_another_teams_account_cannot_post(editor, form):
    response = send(editor, form, accounts=[make_account().pk])

    assert "Choose one of this team" in words(response)
    assert not Post.objects.exists()


def test_the_next_free_moment_is_offered_when_the_cap_is_reached(editor, form, account):
    account.daily_cap = 1
    account.save()
    make_post(account, due_at=datetime(2030, 7, 1, 7, 0, tzinfo=UTC))

    page = words(send(editor, form))

    assert "Next free:" in page
    assert 'data-date="2030-07-02"' in page


def test_the_next_free_moment_is_free_when_it_is_taken(editor, form, account):
    account.daily_cap = 1
    account.save()
    make_post(account, due_at=datetime(2030, 7, 1, 7, 0, 37, tzinfo=UTC))

    page = words(send(editor, form))
    date, time = re.search(r'data-date="([^"]+)" data-time="([^"]+)"', page).groups()
    send(editor, form | {"due_date": date, "due_time": time})

    due_at = Post.objects.get(form_token=form["form_token"]).due_at
    assert due_at == datetime(2030, 7, 2, 7, 2, tzinfo=UTC)


def test_a_draft_opens_with_what_it_holds(editor, account):
    draft = make_post(account, state=State.DRAFT, caption="Half done", is_consented=False)

    page = show(editor, draft=draft.pk)

    assert "Half done" in page
    assert str(draft.form_token) in page


def test_a_draft_says_the_moment_it_holds(editor, account):
    due_at = datetime(2030, 10, 27, 1, 30, tzinfo=UTC)
    draft = make_post(account, state=State.DRAFT, due_at=due_at, is_consented=False)

    page = show(editor, draft=draft.pk)

    assert "this time comes twice" in page
    assert 'data-moment-label="Sun 27 Oct 2030, 02:30 CET"' in page


def test_a_drafts_moment_that_has_passed_is_said_so(editor, account):
    due_at = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    draft = make_post(account, state=State.DRAFT, due_at=due_at, is_consented=False)

    page = show(editor, draft=draft.pk)

    assert "This moment has passed" in page
    assert "data-moment-label" not in page


def test_scheduling_a_draft_makes_it_the_post(editor, form, account):
    draft = make_post(account, state=State.DRAFT, is_consented=False)

    send(editor, form, form_token=str(draft.form_token))

    draft.refresh_from_db()
    assert (draft.state, draft.caption) == (State.SCHEDULED, "Fresh rolls")


@pytest.mark.parametrize("pk", ["x", "999999"])
def test_a_draft_that_is_not_there_is_not_found(editor, pk):
    assert editor.get(reverse("compose"), {"draft": pk}).status_code == 404


def test_a_strangers_draft_does_not_exist(stranger):
    draft = make_post(state=State.DRAFT, is_consented=False)

    assert stranger.get(reverse("compose"), {"draft": draft.pk}).status_code == 404


@pytest.mark.parametrize(
    ("day", "clock", "sentence"),
    [
        ("2030-07-01", "09:15", "Mon 1 Jul 2030, 09:15 CEST"),
        ("2030-03-31", "02:30", "skip 02:30"),
        ("2030-10-27", "02:30", "this time comes twice"),
        ("2020-07-01", "09:15", "This moment has passed"),
        ("0001-01-01", "00:00", "Choose a year from 2000 to 2100."),
        ("9999-12-31", "23:59", "Choose a year from 2000 to 2100."),
    ],
)
def test_a_date_and_time_are_said_back(editor, day, clock, sentence):
    query = {"due_date": day, "due_time": clock}

    assert sentence in words(editor.get(reverse("compose_moment"), query))


def test_a_chosen_fold_stays_a_choice(editor):
    query = {"due_date": "2030-10-27", "due_time": "02:30", "due_fold": "second"}

    page = words(editor.get(reverse("compose_moment"), query))

    assert 'data-moment-label="Sun 27 Oct 2030, 02:30 CET"' in page
    assert "checked" in inputs(page, "due_fold")[1]


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "x"},
        {"kind": ""},
        {"media": "x"},
        {"media": "999999"},
        {"media": "٣"},
        {"date": "x"},
        {"account": "x"},
    ],
)
def test_nonsense_in_the_address_opens_an_empty_screen(editor, account, query):
    page = show(editor, **query)

    assert 'data-kind="video"' in page
    assert "form-errors" not in page


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "x"},
        {"mode": "x"},
        {"media": "x"},
        {"cover": "x"},
        {"cover_timestamp_ms": "x"},
        {"cover_timestamp_ms": "-1"},
        {"seen_at": "x"},
        {"accounts": ["x"]},
        {"photos": ["x"], "kind": "photo"},
        {"form_token": ""},
        {"privacy_level": "x" * 40},
        {"privacy_level": "EVERYBODY"},
        {"due_date": "x", "due_time": "x"},
        {"caption": "\x00"},
        {"arrange": "up-x"},
        {"take": "x"},
        {"kind_to": "x"},
    ],
)
def test_nonsense_in_the_form_schedules_nothing_and_breaks_nothing(editor, form, changes):
    response = send(editor, form, **changes)

    assert response.status_code == 200
    assert "Fresh rolls" in words(response) or "caption" in changes
    assert not Post.objects.exists()


@pytest.mark.parametrize("name", ["compose", "compose_moment"])
def test_viewers_may_not_plan(viewer, name):
    assert viewer.get(reverse(name)).status_code == 403


def test_viewers_may_not_send_the_form(viewer, form):
    assert send(viewer, form).status_code == 403
    assert not Post.objects.exists()


@pytest.mark.parametrize("name", ["compose", "compose_moment"])
def test_anonymous_people_are_led_to_sign_in(client, db, name):
    assert reverse("account_login") in client.get(reverse(name))["Location"]


def test_the_form_answers_get_and_post_only(editor):
    assert editor.put(reverse("compose")).status_code == 405
    assert editor.post(reverse("compose_moment")).status_code == 405


def test_without_an_account_the_way_to_one_is_shown(editor):
    assert reverse("accounts") in show(editor).split("<main")[1]
