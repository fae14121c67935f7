import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import Role
from publishing.approvals import requested_changes
from publishing.approving import approve_post, request_changes
from publishing.models import Post
from publishing.states import State
from tests.factories import make_member, make_user
from tests.pages.posting import choices_of, filled_form, send_form, summary_of, words_of
from tests.publishing.factories import make_media


@pytest.fixture
def account(team, connect):
    team.approval_steps, team.approve_before_min = 1, 120
    team.save()
    return connect(team, nickname="Maple Bakery")


@pytest.fixture
def media(team):
    return make_media(team)


def test_the_screen_says_that_the_account_needs_approval(editor, account):
    page = words_of(editor.get(reverse("compose"), {"account": account.pk}))

    assert "Needs one approval, 2 h before a post is due." in page
    assert "Submit for approval" in page


def test_an_account_without_a_rule_says_nothing_of_it(editor, account):
    type(account).objects.update(approval_steps=0)

    page = words_of(editor.get(reverse("compose_creator", args=[account.pk])))

    assert "data-needs-approval" not in page


def test_the_form_is_handed_in(team, account, media, signed_in):
    person = make_member(team, Role.EDITOR)

    response = send_form(signed_in(person), filled_form(account, media=media))

    assert response.status_code == 302
    post = Post.objects.get()
    assert (post.state, post.consents.get().person) == (State.IN_REVIEW, person.user)


def test_what_an_approver_wants_changed_stands_where_it_is_changed(team, account, media, editor):
    send_form(editor, filled_form(account, media=media))
    post = Post.objects.get()
    approver = make_member(team, Role.APPROVER, user=make_user(name="Mia Sand")).user
    request_changes(post, approver, "Shorter,\nplease <b>", current_moment())

    page = words_of(editor.get(reverse("compose"), {"draft": post.pk}))

    assert "<strong>Mia Sand</strong> asked for changes" in page
    assert "“Shorter,\nplease <b>”" in page


def test_what_was_approved_after_all_is_asked_for_no_more(team, account, media, editor):
    send_form(editor, filled_form(account, media=media))
    approver = make_member(team, Role.APPROVER).user
    request_changes(Post.objects.get(), approver, "Shorter", current_moment())
    send_form(editor, filled_form(account, media=media, form_token=Post.objects.get().form_token))
    post = Post.objects.get()
    approve_post(post, approver, post.fingerprint(), current_moment())

    assert requested_changes([post]) == []


def test_posting_now_leaves_no_time_for_approval(editor, account, media):
    response = send_form(editor, filled_form(account, media=media, action="now"))

    assert "Choose a later time." in summary_of(response)
    assert not Post.objects.exclude(state=State.DRAFT).exists()


def test_each_account_follows_its_own_rule(editor, team, account, media, connect):
    other = connect(team, nickname="Quiet Studio", is_private=True)
    type(other).objects.filter(pk=other.pk).update(approval_steps=0)

    form = filled_form(account, other, media=media)
    response = send_form(editor, form | choices_of(other, privacy_level="SELF_ONLY"))

    assert response.status_code == 302
    states = dict(Post.objects.values_list("account", "state"))
    assert states == {account.pk: State.IN_REVIEW, other.pk: State.SCHEDULED}


def test_the_same_form_again_hands_in_once(editor, account, media):
    form = filled_form(account, media=media)

    for _ in range(2):
        send_form(editor, form)

    assert Post.objects.get().state_changes.count() == 1
