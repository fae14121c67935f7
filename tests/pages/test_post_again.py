"""The page that has to be read before a post that TikTok may have is sent again."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import Role
from calendar_app.pages import post_again
from publishing.journal import add_line
from publishing.looks import lacks_look
from publishing.media.library import delete_media
from publishing.models import Attempt, Mode, Outcome, Post
from publishing.states import State
from tests.factories import make_account, make_member
from tests.publishing.conftest import run_until
from tests.publishing.factories import make_post, make_try
from tiktok.errors import Unavailable

__all__ = ["run_until"]

HOURS = timedelta(hours=1)
LIST = "/v2/video/list/"


@pytest.fixture
def account(team):
    return make_account(team, nickname="Maple Bakery", scopes=["video.publish"])


def lose(account, ago=2 * HOURS, **overrides) -> Post:
    """An unconfirmed post, its try and TikTok's last words."""
    at = current_moment() - ago
    post = make_post(account, state=State.PROCESSING, init_at=at, **overrides)
    attempt = Attempt.objects.create(
        post=post,
        number=1,
        claimed_at=at,
        init_intended_at=at,
        bytes_confirmed=1234,
        publish_id="v_pub_1",
        ended_at=at,
        outcome=Outcome.UNCONFIRMED,
    )
    error = Unavailable("http_504", "Gateway", log_id="LOG504")
    add_line(post, "asking_failed", at, attempt=attempt, error=error)
    post.move_to(State.UNCONFIRMED, now=at, reason="No answer.", note="No answer.")
    return post


def again(client, post, **data):
    url = reverse("post_again", args=[post.pk])
    return client.post(url, data, follow=True) if data else client.get(url)


def words(response):
    assert response.status_code == 200
    return unescape(response.content.decode())


def look_of(client, post) -> str:
    return re.search(r'name="look" value="([^"]+)"', words(again(client, post)))[1]


def test_what_is_known_is_shown(editor, account):
    page = words(again(editor, lose(account)))

    assert "No answer." in page
    assert "http_504" in page
    assert "LOG504" in page
    assert "1234 of 4096 bytes" in page


def test_without_the_permission_the_page_says_so_and_leads_to_the_profile(editor, account):
    page = words(again(editor, lose(account)))

    assert "Maple Bakery did not grant the permission <code>video.list</code>" in page
    assert f'@{account.username}"' in page


def test_a_private_post_is_said_to_be_listed_nowhere(editor, account):
    page = words(again(editor, lose(account, privacy_level="SELF_ONLY")))

    assert "TikTok never lists posts for friends, followers or “Only me”" in page


def test_after_a_look_it_is_sent_again(editor, account):
    post = lose(account)

    again(editor, post, look=look_of(editor, post), decision="again", looked="on")

    post.refresh_from_db()
    assert (post.state, post.init_at) == (State.SCHEDULED, None)
    assert "after a look that did not find it at Maple Bakery" in post.state_changes.last().reason


def test_a_bare_request_sends_nothing(editor, account):
    post = lose(account)

    page = words(again(editor, post, decision="again", looked="on"))

    post.refresh_from_db()
    assert post.state == State.UNCONFIRMED
    assert "must have been opened by you within the last 10 minutes" in page


def test_the_old_retry_sends_nothing_either(editor, account):
    post = lose(account)

    response = editor.post(reverse("post_retry", args=[post.pk]), follow=True)

    post.refresh_from_db()
    assert post.state == State.UNCONFIRMED
    assert "TikTok may have this post already" in words(response)


def test_a_look_without_the_tick_sends_nothing_and_says_so_beside_it(editor, account):
    post = lose(account)

    page = words(again(editor, post, look=look_of(editor, post), decision="again"))

    post.refresh_from_db()
    assert post.state == State.UNCONFIRMED
    assert '<ul class="errorlist" id="looked-error"><li>Tick this once' in page


def test_an_old_look_does_not_count(editor, account, monkeypatch):
    post = lose(account)
    look = look_of(editor, post)
    monkeypatch.setattr(post_again, "LOOK_LASTS", timedelta())

    again(editor, post, look=look, decision="again", looked="on")

    post.refresh_from_db()
    assert post.state == State.UNCONFIRMED


def test_a_colleagues_look_does_not_count(editor, account, signed_in):
    post = lose(account)
    look = look_of(signed_in(make_member(account.team)), post)

    again(editor, post, look=look, decision="again", looked="on")

    post.refresh_from_db()
    assert post.state == State.UNCONFIRMED


def test_the_look_at_another_post_does_not_count(editor, account):
    post = lose(account)
    look = look_of(editor, lose(account))

    again(editor, post, look=look, decision="again", looked="on")

    post.refresh_from_db()
    assert post.state == State.UNCONFIRMED


def test_the_look_before_another_lost_try_does_not_count(editor, account):
    post = lose(account)
    look = look_of(editor, post)
    Attempt.objects.create(
        post=post,
        number=2,
        claimed_at=current_moment(),
        ended_at=current_moment(),
        outcome=Outcome.UNCONFIRMED,
    )

    again(editor, post, look=look, decision="again", looked="on")

    post.refresh_from_db()
    assert post.state == State.UNCONFIRMED


def test_calls_that_may_be_under_way_are_waited_for(editor, account):
    post = lose(account, ago=timedelta(seconds=5))

    page = words(again(editor, post, look=look_of(editor, post), decision="again", looked="on"))

    post.refresh_from_db()
    assert post.state == State.UNCONFIRMED
    assert "may still be under way" in page


@pytest.fixture
def over_cap(account):
    """An unconfirmed post of an account whose one place of the day is its own lost try's."""
    account.daily_cap = 1
    account.save()
    return lose(account)


def offered_moment(page):
    return re.search(r'name="due_at" value="([^"]+)"', page)[1]


def test_over_the_cap_the_next_free_moment_is_one_click(editor, over_cap):
    look = look_of(editor, over_cap)
    page = words(again(editor, over_cap, look=look, decision="again", looked="on"))
    offered = offered_moment(page)
    before = Post.objects.get(pk=over_cap.pk).state

    again(editor, over_cap, look=look, decision="later", looked="on", due_at=offered)

    over_cap.refresh_from_db()
    assert "would have more than 1 posts in 24 hours" in page
    assert re.search(r'name="looked" required checked', page)
    assert (before, over_cap.state) == (State.UNCONFIRMED, State.SCHEDULED)
    assert over_cap.due_at == datetime.fromisoformat(offered)


@pytest.mark.parametrize("data", [{"looked": "on"}, {"look": "real"}])
def test_the_offered_moment_needs_the_look_and_the_tick(editor, over_cap, data):
    page = again(editor, over_cap, look=look_of(editor, over_cap), decision="again", looked="on")
    offered = offered_moment(words(page))
    real = {"look": look_of(editor, over_cap)} if "look" in data else data

    again(editor, over_cap, decision="later", due_at=offered, **real)

    over_cap.refresh_from_db()
    assert over_cap.state == State.UNCONFIRMED


def test_posted_again_now_the_offered_moment_is_not_meant(editor, account):
    post = lose(account)
    then = current_moment() + 5 * HOURS

    look = look_of(editor, post)
    again(editor, post, look=look, decision="again", looked="on", due_at=then.isoformat())

    post.refresh_from_db()
    assert post.due_at < then


@pytest.mark.parametrize("due_at", ["", "soon", "2020-01-01T00:00:00+00:00"])
def test_a_moment_that_cannot_be_sends_nothing(editor, account, due_at):
    post = lose(account)

    again(editor, post, look=look_of(editor, post), decision="later", looked="on", due_at=due_at)

    post.refresh_from_db()
    assert post.state == State.UNCONFIRMED


def test_found_there_it_is_published_with_the_persons_name(editor, account):
    post = lose(account)
    init_at = post.init_at

    again(editor, post, look=look_of(editor, post), decision="there")

    post.refresh_from_db()
    change = post.state_changes.last()
    assert (post.state, post.init_at) == (State.PUBLISHED, init_at)
    assert change.actor is not None
    assert "found on the profile of Maple Bakery" in change.reason
    assert post.attempts.get().outcome == Outcome.PUBLISHED


def test_a_draft_that_was_found_is_in_the_inbox(editor, account):
    post = lose(account, mode=Mode.INBOX, privacy_level="")

    again(editor, post, look=look_of(editor, post), decision="there")

    post.refresh_from_db()
    assert post.state == State.IN_INBOX


def test_a_bare_request_marks_nothing(editor, account):
    post = lose(account)

    again(editor, post, decision="there")

    post.refresh_from_db()
    assert post.state == State.UNCONFIRMED


def test_a_number_that_was_not_listed_is_not_kept(editor, account):
    post = lose(account)

    again(editor, post, look=look_of(editor, post), decision="there", video="739")

    post.refresh_from_db()
    assert (post.state, post.public_post_id) == (State.PUBLISHED, "")


def test_a_failed_post_whose_earlier_try_may_be_there_needs_the_look_too(editor, account):
    post = lose(account)
    post.move_to(State.FAILED, now=current_moment(), reason="No.", note="No.")

    page = words(editor.get(reverse("post", args=[post.pk])))

    assert reverse("post_again", args=[post.pk]) in page
    assert f'action="{reverse("post_retry", args=[post.pk])}"' not in page


AGAIN = [State.SCHEDULED, State.FAILED, State.NEEDS_ATTENTION, State.CANCELED]


def put_by(account, state) -> Post:
    """A post in that state with an earlier try that TikTok may have taken."""
    post = make_post(account, state=state)
    make_try(post)
    return post


def draft_url(post):
    return f"{reverse('compose')}?draft={post.pk}"


@pytest.mark.parametrize("state", AGAIN)
def test_editing_what_may_be_there_leads_to_the_look(editor, account, state):
    post = put_by(account, state)

    page = words(editor.get(reverse("post", args=[post.pk])))

    assert f'id="act-reopen" href="{reverse("post_again", args=[post.pk])}"' in page
    assert f'action="{reverse("post_reopen", args=[post.pk])}"' not in page


@pytest.mark.parametrize("state", AGAIN)
def test_the_old_reopening_opens_nothing_and_leads_to_the_look(editor, account, state):
    post = put_by(account, state)

    response = editor.post(reverse("post_reopen", args=[post.pk]))

    post.refresh_from_db()
    assert post.state == state
    assert response["Location"] == reverse("post_again", args=[post.pk])


@pytest.mark.parametrize("state", AGAIN)
def test_after_a_look_it_is_edited_as_a_draft(editor, account, state):
    post = put_by(account, state)
    data = {"look": look_of(editor, post), "decision": "edit", "looked": "on"}

    response = editor.post(reverse("post_again", args=[post.pk]), data)

    post.refresh_from_db()
    assert post.state == State.DRAFT
    assert response["Location"] == draft_url(post)
    assert not lacks_look(post, post.journal.get().actor, current_moment())


@pytest.mark.parametrize("data", [{"looked": "on"}, {"looked": "on", "look": "forged"}])
def test_a_bare_request_edits_nothing(editor, account, data):
    post = put_by(account, State.FAILED)

    again(editor, post, decision="edit", **data)

    post.refresh_from_db()
    assert post.state == State.FAILED


def test_a_look_without_the_tick_edits_nothing(editor, account):
    post = put_by(account, State.FAILED)

    page = words(again(editor, post, look=look_of(editor, post), decision="edit"))

    post.refresh_from_db()
    assert post.state == State.FAILED
    assert "Tick this once" in page


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        (State.UNCONFIRMED, {"act-there", "act-post-again"}),
        (State.FAILED, {"act-there", "act-post-again", "act-edit"}),
        (State.SCHEDULED, {"act-there", "act-edit"}),
        (State.CANCELED, {"act-edit"}),
        (State.DRAFT, {"act-edit"}),
    ],
)
def test_what_can_be_decided_depends_on_where_the_post_stands(editor, account, state, offered):
    page = words(again(editor, put_by(account, state)))

    assert set(re.findall(r'id="(act-[a-z-]+)"', page)) == offered


@pytest.mark.parametrize("decision", ["again", "there"])
def test_what_was_canceled_is_neither_sent_nor_published(editor, account, decision):
    post = put_by(account, State.CANCELED)

    again(editor, post, look=look_of(editor, post), decision=decision, looked="on")

    post.refresh_from_db()
    assert post.state == State.CANCELED


def test_the_posting_screen_of_a_draft_leads_to_the_look(editor, account):
    draft = put_by(account, State.DRAFT)

    page = words(editor.get(draft_url(draft)))

    assert (
        f'<a href="{reverse("post_again", args=[draft.pk])}">Look whether it is there</a>' in page
    )


def test_after_a_look_at_the_draft_the_posting_screen_asks_no_more(editor, account):
    draft = put_by(account, State.DRAFT)

    page = words(again(editor, draft, look=look_of(editor, draft), decision="edit", looked="on"))

    assert f'value="{draft.form_token}"' in page
    assert "Look whether it is there" not in page


def test_a_copy_of_what_may_be_there_is_warned_of(editor, account):
    post = put_by(account, State.FAILED)

    page = words(editor.get(reverse("compose"), {"from": post.pk}))

    assert "before this copy goes to the same account" in page
    assert f'href="{reverse("post_again", args=[post.pk])}"' in page


def test_a_copy_of_what_is_known_to_be_there_is_not_warned_of(editor, account):
    post = make_post(account, state=State.PUBLISHED)
    make_try(post, Outcome.PUBLISHED)

    page = words(editor.get(reverse("compose"), {"from": post.pk}))

    assert "Look whether it is there" not in page


def test_a_post_whose_file_was_deleted_can_still_be_found_there(editor, account):
    post = lose(account)
    post.move_to(State.FAILED, now=current_moment(), reason="No.", note="No.")
    delete_media([post.media], post.author, current_moment())

    page = words(again(editor, post, look=look_of(editor, post), decision="again", looked="on"))
    again(editor, post, look=look_of(editor, post), decision="there")

    post.refresh_from_db()
    assert "was deleted from the media library" in page
    assert post.state == State.PUBLISHED


def test_a_post_that_cannot_be_there_has_nothing_to_decide(editor, account):
    failed = make_post(account, state=State.FAILED)

    response = again(editor, failed)

    assert response["Location"] == reverse("post", args=[failed.pk])


@pytest.mark.parametrize("role", [Role.OWNER, Role.EDITOR])
@pytest.mark.parametrize(
    ("decision", "state"),
    [("there", State.PUBLISHED), ("again", State.SCHEDULED), ("edit", State.DRAFT)],
)
def test_owners_and_editors_decide(signed_in, account, role, decision, state):
    post, client = put_by(account, State.FAILED), signed_in(make_member(account.team, role))

    again(client, post, look=look_of(client, post), decision=decision, looked="on")

    post.refresh_from_db()
    assert post.state == state


DECISIONS = [
    {},
    {"decision": "there"},
    {"decision": "again"},
    {"decision": "later"},
    {"decision": "edit"},
]


@pytest.mark.parametrize("data", DECISIONS)
def test_a_viewer_may_not_decide(viewer, account, data):
    assert again(viewer, lose(account), **data).status_code == 403


@pytest.mark.parametrize("data", DECISIONS)
def test_for_a_stranger_it_does_not_exist(stranger, account, data):
    assert again(stranger, lose(account), **data).status_code == 404


@pytest.mark.parametrize("data", DECISIONS)
def test_anonymous_people_are_led_to_sign_in(client, account, data):
    post = lose(account)
    url = reverse("post_again", args=[post.pk])

    response = client.post(url, data) if data else client.get(url)

    post.refresh_from_db()
    assert post.state == State.UNCONFIRMED
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.django_db(transaction=True)
class TestVideos:
    """Against the simulator's own video/list."""

    @pytest.fixture
    def account(self, simulator, team, connect):
        return connect(team)

    @pytest.fixture
    def published(self, simulator, account, run_until):
        """A post that is really on the profile."""
        return run_until(make_post(account, caption="Fresh rolls at seven"), State.PUBLISHED)

    @pytest.fixture
    def number(self, simulator, published):
        return str(simulator.posts()[0]["post_ids"][0])

    @pytest.fixture
    def listed(self, published, number):
        """The number of a public post that this calendar does not know."""
        published.delete()
        return number

    def test_a_video_with_this_caption_looks_like_this_post(self, editor, account, listed):
        post = lose(account, ago=90 * HOURS, caption="Fresh rolls at seven")

        page = words(again(editor, post))

        assert f'value="{listed}"' in page
        assert "looks like this post" in page

    def test_a_video_of_that_hour_looks_like_this_post(self, editor, account, listed):
        page = words(again(editor, lose(account, ago=HOURS / 2, caption="Another")))

        assert "looks like this post" in page

    def test_others_do_not(self, editor, account, listed):
        page = words(again(editor, lose(account, ago=90 * HOURS, caption="Another")))

        assert f'value="{listed}"' in page
        assert "looks like this post" not in page

    def test_another_post_of_the_calendar_cannot_be_chosen(
        self, editor, account, published, number
    ):
        Post.objects.filter(pk=published.pk).update(public_post_id=number)

        page = words(again(editor, lose(account, caption="Fresh rolls at seven")))

        assert "another post of this calendar" in page
        assert 'type="radio"' not in page

    def test_the_chosen_video_is_the_post_from_then_on(self, editor, account, listed):
        post = lose(account)

        again(editor, post, look=look_of(editor, post), decision="there", video=listed)

        post.refresh_from_db()
        assert (post.state, post.public_post_id) == (State.PUBLISHED, listed)
        assert post.next_action_at is None

    def test_a_refusal_is_said_and_leaves_the_decision_open(self, editor, simulator, account):
        simulator.inject_fault("rate_limit_exceeded", count=2, path=LIST)
        post = lose(account)

        page = words(again(editor, post))
        again(editor, post, look=look_of(editor, post), decision="there")

        post.refresh_from_db()
        assert "TikTok asked us to slow down." in page
        assert post.state == State.PUBLISHED

    def test_a_dead_sign_in_is_said_and_leaves_the_decision_open(self, editor, simulator, account):
        simulator.end_tokens(account.username)

        page = words(again(editor, lose(account)))

        assert "The posts cannot be shown now." in page
        assert "act-post-again" in page
