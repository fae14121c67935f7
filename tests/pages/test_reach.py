"""An account limited to some members is not there for the others, on whatever page."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import AccountStatus, Role
from accounts.reach import accounts_hidden_from
from publishing.models import Notice, NoticeKind, Post
from publishing.notice_mails import mail_notices
from publishing.states import State
from publishing.telling import tell
from tests.factories import make_account, make_member
from tests.pages.posting import choices_of, filled_form, words_of
from tests.publishing.factories import days, make_media, make_post

pytestmark = pytest.mark.django_db
NAME = "Quiet Studio"
CAPTION = "Nobody knows of this #quietbread"


@pytest.fixture
def limited(team):
    return make_account(team, nickname=NAME, is_limited=True, status=AccountStatus.RECONNECT_NEEDED)


@pytest.fixture
def post(limited):
    return make_post(limited, caption=CAPTION, note="Why.")


@pytest.fixture
def named(team, limited, signed_in):
    """An editor whom the limited account names."""
    member = make_member(team, Role.EDITOR)
    limited.allowed_members.add(member)
    return signed_in(member)


def addresses(post):
    return {
        "calendar": reverse("calendar"),
        "a day": f"{reverse('calendar')}?day={post.due_at:%Y-%m-%d}",
        "tiles": reverse("calendar_tiles"),
        "accounts": reverse("accounts"),
        "compose": reverse("compose"),
        "media": reverse("library"),
        "a file": reverse("media_item", args=[post.media_id]),
        "deleting a file": f"{reverse('media_delete')}?media={post.media_id}",
        "hashtags": reverse("hashtags"),
        "notices": reverse("notices"),
    }


def words_at(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    return words_of(response)


def test_no_page_shows_it_to_others(editor, post):
    tell_all(post)

    for name, address in addresses(post).items():
        words = words_at(editor, address)
        assert NAME not in words, name
        assert "quietbread" not in words, name
        assert reverse("post", args=[post.pk]) not in words, name


def test_those_it_names_see_it(named, post):
    for name in ("calendar", "accounts", "media", "a file"):
        words = words_at(named, addresses(post)[name])
        assert NAME in words or "Scheduled" in words, name


def test_managers_need_no_name(team, post, signed_in):
    manager = signed_in(make_member(team, Role.MANAGER))

    assert NAME in words_at(manager, reverse("accounts"))


def test_a_calendar_of_it_is_one_of_all(editor, limited, post):
    assert NAME not in words_at(editor, f"{reverse('calendar')}?account={limited.pk}")


def test_an_undated_draft_of_it_stands_nowhere(editor, limited):
    make_post(limited, state=State.DRAFT, caption=CAPTION)
    Post.objects.update(due_at=None)

    assert "Nobody knows" not in words_at(editor, reverse("calendar"))


def test_a_draft_without_an_account_is_everybodys(editor, team):
    draft = make_post(make_account(team), state=State.DRAFT, caption="An idea")
    Post.objects.filter(pk=draft.pk).update(account=None)

    assert editor.get(reverse("post", args=[draft.pk])).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["post", "post_status", "post_again", "post_bundle", "post_consent_json"],
)
def test_a_post_of_it_is_not_there(editor, post, name):
    assert editor.get(reverse(name, args=[post.pk])).status_code == 404


@pytest.mark.parametrize("name", ["post_cancel", "post_retry", "post_reopen", "post_reschedule"])
def test_nothing_can_be_done_to_a_post_of_it(editor, post, name):
    assert editor.post(reverse(name, args=[post.pk])).status_code == 404


@pytest.mark.parametrize("name", ["account_disconnect", "compose_creator", "account_avatar"])
def test_the_account_is_not_there(editor, limited, name):
    assert editor.get(reverse(name, args=[limited.pk])).status_code == 404


@pytest.mark.parametrize("query", ["draft", "from"])
def test_the_posting_screen_opens_no_post_of_it(editor, post, query):
    Post.objects.update(state=State.DRAFT)

    assert editor.get(reverse("compose"), {query: post.pk}).status_code == 404


def test_neither_does_its_form_by_the_token(editor, post):
    Post.objects.update(state=State.DRAFT)

    page = words_at(editor, f"{reverse('compose')}?draft={post.form_token}")

    assert "quietbread" not in page


@pytest.mark.parametrize("name", ["compose", "compose_autosave"])
def test_nothing_is_planned_for_it(editor, limited, team, name):
    make_account(team)
    form = filled_form(limited, media=make_media(team), action="draft")

    response = editor.post(reverse(name), form)

    assert "Choose one of this team" in words_of(response)
    assert not Post.objects.exists()


@pytest.fixture
def shared(team, limited, post):
    """Drafts of one form: one for an open account, one for the limited one."""
    Post.objects.filter(pk=post.pk).update(state=State.DRAFT, form_token=uuid4())
    post.refresh_from_db()
    return make_post(
        make_account(team), state=State.DRAFT, form_token=post.form_token, media=post.media
    )


def save_shared(client, shared):
    page = words_at(client, f"{reverse('compose')}?draft={shared.pk}")
    seen_at = page.split('name="seen_at" value="')[1].split('"')[0]
    form = filled_form(
        shared.account,
        media=shared.media,
        form_token=str(shared.form_token),
        seen_at=seen_at,
        caption="Changed",
        action="draft",
    ) | choices_of(shared.account, privacy_level="SELF_ONLY")
    return client.post(reverse("compose_autosave"), form)


def test_a_shared_draft_shows_the_open_account_alone(editor, shared):
    page = words_at(editor, f"{reverse('compose')}?draft={shared.pk}")

    assert NAME not in page
    assert f'name="accounts" value="{shared.account_id}"' in page


def test_saving_a_shared_draft_leaves_the_other_alone(editor, shared, post):
    # The other account's draft was saved later, which this person cannot know.
    Post.objects.filter(pk=post.pk).update(updated_at=current_moment() + days(1))

    response = save_shared(editor, shared)

    assert response.status_code == 200
    shared.refresh_from_db()
    post.refresh_from_db()
    assert (shared.caption, post.caption, post.state) == ("Changed", CAPTION, State.DRAFT)


def tell_all(post, kind=NoticeKind.FAILED):
    return tell(post.team, kind, f"Not posted on {post.account}", current_moment(), post=post)


def test_its_news_is_for_those_who_may_see_it(team, limited, post):
    owner, other, named = (make_member(team, role) for role in ("owner", "editor", "editor"))
    limited.allowed_members.add(named)

    tell_all(post)

    told = set(Notice.objects.values_list("person", flat=True))
    assert {owner.user_id, named.user_id} <= told
    assert other.user_id not in told


def test_news_from_before_the_limit_is_neither_shown_nor_mailed(
    team, limited, post, signed_in, mailoutbox, settings
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    limited.allowed_members.add(member := make_member(team, Role.EDITOR))
    tell_all(post)
    Notice.objects.exclude(person=member.user).delete()
    notice = Notice.objects.get()
    limited.allowed_members.clear()
    browser = signed_in(member)

    sent = mail_notices(current_moment() + days(1))

    assert NAME not in words_at(browser, reverse("notices"))
    assert browser.post(reverse("notice_open", args=[notice.pk])).status_code == 404
    assert (sent, mailoutbox) == (0, [])


def test_a_file_that_a_hidden_post_needs_stays_without_a_word_of_which(editor, post):
    page = words_at(editor, f"{reverse('media_delete')}?media={post.media_id}")

    assert "1 post of accounts that you cannot see needs it" in page


def test_what_is_hidden_in_one_team_may_be_named_in_another(team, limited):
    member = make_member(team, Role.VIEWER)
    make_member(role=Role.OWNER, user=member.user)

    assert list(accounts_hidden_from(member.user)) == [limited]


def test_limits_cost_no_query_a_post(editor, team, limited, django_assert_max_num_queries):
    account = make_account(team)
    make_post(account)
    with django_assert_max_num_queries(100) as few:
        editor.get(reverse("calendar"))
    for one in (limited, account, account, account):
        make_post(one)

    with django_assert_max_num_queries(len(few)):
        editor.get(reverse("calendar"))
