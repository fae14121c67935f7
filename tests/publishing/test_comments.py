"""Comments: who is meant, who hears of it, and what stays when one is deleted."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Role
from publishing.comments import (
    CommentRefused,
    add_comment,
    delete_comment,
    edit_comment,
    may_delete,
    may_edit,
)
from publishing.mentions import best_handle, handles_of, mentioned_in
from publishing.models import MAX_COMMENT, Comment, Notice, NoticeKind
from publishing.noticeboard import path_of
from publishing.wishes import Wish, keep_wishes, pace_of
from tests.factories import make_account, make_member, make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.fixture
def ada():
    return make_member(user=make_user(name="Ada Lovelace", email="ada@example.com"))


@pytest.fixture
def bob(ada):
    user = make_user(name="Bob", email="bob.ross@example.com")
    return make_member(ada.team, Role.EDITOR, user=user)


@pytest.fixture
def post(ada):
    account = make_account(ada.team, nickname="Maple")
    return make_post(account, author=ada.user, caption="Fresh bread")


def told(kind):
    return {notice.person for notice in Notice.objects.filter(kind=kind)}


class TestMentions:
    @pytest.fixture
    def handles(self):
        self.ada = make_user(name="Ada Lovelace", email="ada@example.com")
        self.ada_king = make_user(name="Ada", email="king@example.com")
        self.zoe = make_user(name="Zoë Weiß", email="zoe.weiss+x@example.com")
        return handles_of([self.ada, self.ada_king, self.zoe])

    @pytest.mark.parametrize(
        "text",
        [
            "@Ada Lovelace, look",
            "Look, @ada  lovelace!",
            "(@Ada\nLovelace)",
            "@ADA LOVELACE.",
            "see @ada@example.com",
        ],
    )
    def test_the_whole_name_or_address_means_one(self, handles, text):
        assert mentioned_in(text, handles) == {self.ada}

    def test_a_handle_of_two_means_both(self, handles):
        assert mentioned_in("@ada look", handles) == {self.ada, self.ada_king}

    @pytest.mark.parametrize(
        "text", ["@zoë weiß", "@ZOË WEIß?", "@zoe.weiss+x", "@Zoe\u0308 Wei\u00df"]
    )
    def test_other_letters_are_letters(self, handles, text):
        assert mentioned_in(text, handles) == {self.zoe}

    @pytest.mark.parametrize(
        "text",
        [
            "Ada",
            "mail ada@ada.example",
            "@adam",
            "@ada.example",
            "x@king",
            "@",
            "@@king",
            "@nobody",
        ],
    )
    def test_parts_of_words_and_addresses_mean_nobody(self, handles, text):
        assert mentioned_in(text, handles) == set()

    def test_without_people_nobody_is_meant(self):
        assert mentioned_in("@ada @", handles_of([])) == set()

    def test_the_handle_offered_means_that_person_alone(self, handles):
        assert best_handle(self.ada, handles) == "Ada Lovelace"
        assert best_handle(self.ada_king, handles) == "king"
        for person in (self.ada, self.ada_king, self.zoe):
            assert mentioned_in(f"@{best_handle(person, handles)}", handles) == {person}


def test_a_comment_keeps_its_words_and_line_breaks(post, bob):
    comment = add_comment(post, bob.user, "  First line\r\nsecond <b>line</b>\n", NOW)

    comment.refresh_from_db()
    assert comment.text == "First line\nsecond <b>line</b>"
    assert (comment.author, comment.at, comment.who) == (bob.user, NOW, "Bob")


@pytest.mark.parametrize("text", ["", "  \n", "x" * (MAX_COMMENT + 1)])
def test_an_empty_or_too_long_comment_is_refused(post, bob, text):
    with pytest.raises(CommentRefused):
        add_comment(post, bob.user, text, NOW)

    assert not Comment.objects.exists()


def test_who_is_mentioned_is_told_in_the_app_and_by_mail(post, ada, bob):
    add_comment(post, ada.user, "@Bob, is the crust right?", NOW)

    notice = Notice.objects.get(person=bob.user)
    assert (notice.kind, notice.text) == (NoticeKind.MENTIONED, "@Bob, is the crust right?")
    assert notice.headline == "Ada Lovelace mentions you: Fresh bread"
    assert (notice.in_app, notice.by_mail) == (True, True)
    assert path_of(notice) == f"/posts/{post.pk}/#comments"


def test_a_viewer_hears_when_called_and_not_otherwise(post, ada):
    viewer = make_member(ada.team, Role.VIEWER, user=make_user(name="Vic"))

    add_comment(post, ada.user, "Nothing for you", NOW)
    assert not Notice.objects.exists()

    add_comment(post, ada.user, "@vic look", NOW)
    assert told(NoticeKind.MENTIONED) == {viewer.user}


def test_the_author_and_earlier_commenters_hear_of_it(post, ada, bob):
    cleo = make_member(ada.team, Role.APPROVER).user
    make_member(ada.team, Role.EDITOR)
    add_comment(post, bob.user, "First", NOW)
    assert told(NoticeKind.COMMENTED) == {ada.user}

    add_comment(post, cleo, "Second", NOW)

    second = Notice.objects.filter(text="Second")
    assert {notice.person for notice in second} == {ada.user, bob.user}
    assert {notice.by_mail for notice in second} == {False}


def test_nobody_hears_of_their_own_words(post, ada):
    add_comment(post, ada.user, "@Ada Lovelace talks to herself", NOW)

    assert not Notice.objects.exists()


def test_a_comment_is_told_to_a_person_once(post, ada, bob):
    add_comment(post, bob.user, "I was here", NOW)
    Notice.objects.all().delete()

    add_comment(post, ada.user, "@Bob thanks", NOW)

    assert [notice.kind for notice in Notice.objects.all()] == [NoticeKind.MENTIONED]


def test_who_chose_so_hears_nothing(post, ada, bob):
    pace = pace_of(bob).pace
    keep_wishes(bob, {NoticeKind.MENTIONED: Wish(False, False)}, pace)

    add_comment(post, ada.user, "@Bob look", NOW)

    assert not Notice.objects.exists()


def test_people_outside_the_reach_are_neither_meant_nor_told(post, ada, bob):
    cleo = make_member(ada.team, Role.EDITOR, user=make_user(name="Cleo"))
    add_comment(post, cleo.user, "Before it was limited", NOW)
    post.account.is_limited = True
    post.account.save()
    post.account.allowed_members.add(bob)
    Notice.objects.all().delete()

    comment = add_comment(post, bob.user, "@Cleo @Ada Lovelace", NOW)

    assert set(comment.mentions.all()) == {ada.user}
    assert {notice.person for notice in Notice.objects.all()} == {ada.user}


def test_who_left_the_team_or_is_locked_out_hears_nothing(post, ada, bob):
    add_comment(post, bob.user, "First", NOW)
    bob.user.is_active = False
    bob.user.save()
    Notice.objects.all().delete()

    add_comment(post, ada.user, "@Bob", NOW)

    assert not Notice.objects.exists()


def test_an_edit_tells_who_is_new_and_takes_back_old_words(post, ada, bob):
    cleo = make_member(ada.team, Role.EDITOR, user=make_user(name="Cleo")).user
    comment = add_comment(post, ada.user, "@Bob the code is 1234", NOW)

    edit_comment(comment, "@Bob @Cleo forget it", NOW + timedelta(minutes=1))

    comment.refresh_from_db()
    assert comment.edited_at == NOW + timedelta(minutes=1)
    assert told(NoticeKind.MENTIONED) == {bob.user, cleo}
    assert {notice.text for notice in Notice.objects.all()} == {"@Bob @Cleo forget it"}


def test_the_same_words_are_no_edit(post, ada):
    comment = add_comment(post, ada.user, "Fine", NOW)

    edit_comment(comment, "Fine\r\n", NOW)

    comment.refresh_from_db()
    assert comment.edited_at is None


def test_a_deleted_comment_loses_its_words_everywhere(post, ada, bob):
    comment = add_comment(post, ada.user, "@Bob the code is 1234", NOW)

    delete_comment(comment, ada.user, NOW)

    comment.refresh_from_db()
    assert (comment.text, comment.deleted_at, comment.mentions.count()) == ("", NOW, 0)
    assert not Notice.objects.exists()


def test_a_deleted_comment_cannot_be_changed_or_deleted_again(post, ada):
    comment = add_comment(post, ada.user, "Fine", NOW)
    delete_comment(comment, ada.user, NOW)

    with pytest.raises(CommentRefused):
        edit_comment(comment, "Not fine", NOW)
    with pytest.raises(CommentRefused):
        delete_comment(comment, ada.user, NOW)


def test_the_database_keeps_no_words_of_a_deleted_comment(post, ada):
    comment = add_comment(post, ada.user, "Fine", NOW)

    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.filter(pk=comment.pk).update(deleted_at=NOW)


def test_who_may_edit_and_who_may_delete(post, ada, bob):
    comment = add_comment(post, bob.user, "Fine", NOW)
    others = {role: make_member(ada.team, role) for role in Role.values}

    assert may_edit(comment, bob)
    assert not any(may_edit(comment, other) for other in others.values())
    assert {role for role, other in others.items() if may_delete(comment, other)} == {
        Role.OWNER,
        Role.MANAGER,
    }


def test_who_became_a_viewer_can_no_longer_change_what_they_wrote(post, bob):
    comment = add_comment(post, bob.user, "Fine", NOW)
    bob.role = Role.VIEWER

    assert not may_edit(comment, bob)
    assert not may_delete(comment, bob)


def test_a_comment_stays_without_the_name_of_who_left(post, bob):
    comment = add_comment(post, bob.user, "Fine", NOW)

    bob.user.delete()

    comment.refresh_from_db()
    assert (comment.text, comment.who) == ("Fine", "Somebody who left")
