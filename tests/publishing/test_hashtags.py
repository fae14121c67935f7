from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Role
from publishing import hashtags
from publishing.deleting import delete_team
from publishing.hashtags import (
    GroupRefused,
    add_group,
    caption_hashtags,
    change_group,
    check_hashtags,
    split_hashtags,
    used_hashtags,
)
from publishing.models import HashtagGroup
from publishing.states import State
from tests.factories import make_account, make_member, make_team
from tests.publishing.factories import days, make_post

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#bread #rolls", ["#bread", "#rolls"]),
        ("  #bread\r\n\t#rolls ", ["#bread", "#rolls"]),
        ("#bread, #rolls,#buns", ["#bread", "#rolls", "#buns"]),
        ("#Bread #bread #BREAD", ["#Bread"]),
        ("#straße #STRASSE", ["#straße"]),
        ("", []),
    ],
)
def test_a_text_is_split_into_hashtags(text, words):
    assert split_hashtags(text) == words


@given(st.text(alphabet=st.sampled_from("#aB ß\n,\t🥐")))
def test_splitting_what_was_split_changes_nothing(text):
    words = split_hashtags(text)

    assert split_hashtags(" ".join(words)) == words


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("bread", "“bread” does not begin with #."),
        ("@maple", "“@maple” does not begin with #."),
        ("#", "After a # its word must follow, without a space."),
        ("#bread#rolls", "“#bread#rolls” has more than one #. Put a space between two hashtags."),
        ("#" + "x" * 100, "“#xxxxxxxxxxxxxxxxxxx…” has 101 characters; 100 are allowed."),
        ("#" + "🥐" * 50, f"“#{'🥐' * 19}…” has 101 characters; 100 are allowed."),
    ],
)
def test_what_is_no_hashtag_is_said_in_words(word, problem):
    assert check_hashtags(["#good", word]) == [problem]


def test_a_hashtag_may_have_a_hundred_characters():
    assert check_hashtags(["#" + "x" * 99]) == []


def test_a_group_must_fit_into_a_caption():
    words = [f"#{number:x<98}" for number in range(23)]

    assert check_hashtags(words) == [
        "Together they have 2299 characters; a caption holds 2200 at most."
    ]


@pytest.mark.parametrize(
    ("caption", "found"),
    [
        ("Fresh #bread and #rolls", ["#bread", "#rolls"]),
        ("#bread\n#rolls", ["#bread", "#rolls"]),
        ("no.1#bread a#b", []),
        ("We love #bread, #rolls! (#buns)", ["#bread", "#rolls"]),
        ("# ## #!", []),
        ("@maple #Bread #bread", ["#Bread"]),
        ("#" + "x" * 100, []),
    ],
)
def test_the_hashtags_of_a_caption(caption, found):
    assert caption_hashtags(caption) == found


@given(st.text(alphabet=st.sampled_from("#a@ \n.,!🥐")))
def test_what_a_caption_gives_may_go_into_a_group(caption):
    words = caption_hashtags(caption)

    assert check_hashtags(words) == []
    assert all(word in caption for word in words)


@pytest.fixture
def account(db):
    return make_account()


def write(account, caption, *, age_days=1, **overrides):
    return make_post(account, caption=caption, created_at=NOW - days(age_days), **overrides)


def used(account, limit=10):
    return used_hashtags(make_member(account.team), NOW, limit)


def test_the_most_used_come_first(account):
    write(account, "#rolls #bread")
    write(account, "#bread")

    assert used(account) == [("#bread", 2), ("#rolls", 1)]


def test_a_hashtag_counts_once_a_post_however_it_is_spelled(account):
    write(account, "#Bread and #bread", age_days=2)
    write(account, "#BREAD", age_days=1)

    assert used(account) == [("#BREAD", 2)]


def test_drafts_count_and_canceled_posts_do_not(account):
    write(account, "#draft", state=State.DRAFT, is_consented=False)
    write(account, "#canceled", state=State.CANCELED)

    assert used(account) == [("#draft", 1)]


def test_what_was_used_long_ago_is_forgotten(account):
    write(account, "#old", age_days=181)
    write(account, "#recent", age_days=179)

    assert used(account) == [("#recent", 1)]


def test_another_team_is_never_looked_at(account):
    write(make_account(), "#theirs")

    assert used(account) == []


def test_only_the_newest_posts_are_looked_at(account, monkeypatch):
    monkeypatch.setattr(hashtags, "NEWEST_POSTS", 2)
    for age_days in (3, 2, 1):
        write(account, f"#from{age_days}", age_days=age_days)

    assert dict(used(account)) == {"#from1": 1, "#from2": 1}


def test_no_more_than_asked_for_are_given(account):
    write(account, "#a #b #c")

    assert len(used(account, limit=2)) == 2


def test_one_query_finds_them(account, django_assert_num_queries):
    for number in range(3):
        write(account, f"#tag{number}")
    member = make_member(account.team, Role.EDITOR)

    with django_assert_num_queries(1):
        used_hashtags(member, NOW, 10)


def test_those_of_an_account_outside_the_reach_are_not_among_them(account):
    write(make_account(account.team, is_limited=True), "#secret")

    assert used_hashtags(make_member(account.team, Role.EDITOR), NOW, 10) == []


@pytest.fixture
def editor(account):
    return make_member(account.team).user


def add(account, editor, name="Morning", words=("#bread", "#rolls")):
    return add_group(account.team, editor, name, list(words), NOW)


def test_a_group_keeps_its_hashtags_in_order(account, editor):
    add(account, editor)

    group = HashtagGroup.objects.get(team=account.team)
    assert (group.name, group.words) == ("Morning", ["#bread", "#rolls"])
    assert (group.created_by, group.created_at) == (editor, NOW)


def test_a_name_is_free_once_in_a_team(account, editor):
    add(account, editor)

    with pytest.raises(GroupRefused, match="“Morning” already") as refused:
        add(account, editor)

    assert refused.value.field == "name"
    assert add_group(make_team(), editor, "Morning", ["#bread"], NOW)


def test_a_team_cannot_have_endless_groups(account, editor, monkeypatch):
    monkeypatch.setattr(hashtags, "MAX_GROUPS", 1)
    add(account, editor)

    with pytest.raises(GroupRefused, match="1 groups already"):
        add(account, editor, name="Evening")


def test_a_group_is_changed(account, editor):
    group = add(account, editor)

    change_group(group, group.created_by, "Early", ["#buns"], NOW)

    group.refresh_from_db()
    assert (group.name, group.hashtags) == ("Early", "#buns")


def test_a_group_cannot_take_anothers_name(account, editor):
    add(account, editor)
    evening = add(account, editor, name="Evening")

    with pytest.raises(GroupRefused, match="“Morning” already"):
        change_group(evening, evening.created_by, "Morning", ["#buns"], NOW)


def test_a_group_deleted_meanwhile_is_not_changed(account, editor):
    group = add(account, editor)
    HashtagGroup.objects.all().delete()

    with pytest.raises(GroupRefused, match="deleted this group"):
        change_group(group, group.created_by, "Early", ["#buns"], NOW)


def test_the_groups_go_with_their_team(editor):
    team = make_team()
    add_group(team, editor, "Morning", ["#bread"], NOW)

    delete_team(team, NOW + timedelta(days=1))

    assert not HashtagGroup.objects.exists()
