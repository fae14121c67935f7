import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.timezone import now as current_moment

from accounts.members import leave_team
from accounts.models import Role
from calendar_app.calendar_filters import Filters, filter_form, read_filters
from publishing.models import Label, MediaKind, Post, PostPhoto
from publishing.states import State
from tests.factories import make_account, make_member
from tests.publishing.factories import make_media, make_photo, make_post


@pytest.fixture
def member(team):
    return make_member(team)


@pytest.fixture
def account(team):
    return make_account(team)


def make_label(team, name="Launch"):
    return Label.objects.create(team=team, name=name, hue=3)


def found(filters):
    return list(filters.apply(Post.objects.order_by("pk")))


def read(query, member):
    return read_filters(QueryDict(query), member)


def test_no_filters_let_every_post_pass(account, member):
    post = make_post(account)

    filters = read("", member)

    assert found(filters) == [post]
    assert not filters.is_active


def test_several_values_of_a_kind_mean_any_of_them(account, member):
    draft = make_post(account, state=State.DRAFT)
    canceled = make_post(account, state=State.CANCELED)
    make_post(account)

    assert found(read("state=draft&state=canceled", member)) == [draft, canceled]


def test_kinds_are_asked_for_together(account, member):
    mine = make_post(account, author=member.user, state=State.DRAFT)
    make_post(account, state=State.DRAFT)
    make_post(account, author=member.user)

    assert found(read(f"state=draft&author={member.user_id}", member)) == [mine]


def test_a_former_member_with_posts_is_offered(account, team, member):
    gone, idle = make_member(team, Role.EDITOR), make_member(team, Role.EDITOR)
    post = make_post(account, author=gone.user)
    for one in (gone, idle):
        leave_team(one, current_moment())

    authors = filter_form(read("", member), member, "/")["filter_menus"]

    names = [option.value for menu in authors if menu.name == "author" for option in menu.options]
    assert sorted(names) == sorted([str(member.user_id), str(gone.user_id)])
    assert found(read(f"author={gone.user_id}", member)) == [post]


def test_who_left_another_team_is_not_offered(account, member):
    stranger = make_member()
    make_member(stranger.team)
    make_post(account, author=stranger.user)
    leave_team(stranger, current_moment())

    assert read(f"author={stranger.user_id}", member).author_ids == ()


def test_posts_of_one_account_are_found(account, team, member):
    post = make_post(account)
    make_post(make_account(team))

    assert found(read(f"account={account.pk}", member)) == [post]


def test_a_post_with_both_labels_is_found_once(account, team, member):
    launch, summer = make_label(team), make_label(team, "Summer")
    post = make_post(account)
    post.labels.set([launch, summer])
    make_post(account)

    assert found(read(f"label={launch.pk}&label={summer.pk}", member)) == [post]


@pytest.mark.parametrize("text", ["käse", "KÄSE brot", "Ka\u0308SE", "brot käse"])
def test_words_of_the_caption_are_found_in_any_case_and_order(account, member, text):
    post = make_post(account, caption="Unser KäseBROT")
    make_post(account, caption="Kase und Brot")

    assert found(Filters(text=text)) == [post]


def test_the_title_and_the_file_name_are_searched_too(account, team, member):
    titled = make_post(account, title="Autumn", caption="")
    named = make_post(account, media=make_media(team, original_name="AUTUMN.mp4"))
    make_post(account)

    assert found(read("q=autumn", member)) == [titled, named]


def test_a_photo_post_is_found_by_any_of_its_photos_once(account, team, member):
    photos = [make_photo(team, original_name=f"beach-{number}.jpg") for number in range(2)]
    post = make_post(account, kind=MediaKind.PHOTO, media=make_photo(team))
    for place, photo in enumerate(photos):
        PostPhoto.objects.create(post=post, media=photo, position=place)

    assert found(read("q=beach", member)) == [post]


@pytest.mark.parametrize("text", ["100%", "a_b", "(", "["])
def test_signs_are_searched_for_as_they_are(account, member, text):
    post = make_post(account, caption=f"What {text} means")
    make_post(account, caption="1000 axb")

    assert found(Filters(text=text)) == [post]


@pytest.mark.parametrize(
    "query",
    ["account=0", "account=x", "state=done", "author=99999999999999999999", "label=-1", "q=+%00"],
)
def test_what_is_not_there_counts_as_not_asked(db, member, query):
    assert read(query, member) == Filters()


def test_another_teams_values_count_as_not_asked(member):
    stranger = make_member()
    theirs, label = make_account(stranger.team), make_label(stranger.team)

    query = f"account={theirs.pk}&label={label.pk}&author={stranger.user_id}"

    assert read(query, member) == Filters()


def test_an_account_limited_to_others_counts_as_not_asked(team):
    limited = make_account(team, is_limited=True)

    assert read(f"account={limited.pk}", make_member(team, Role.EDITOR)) == Filters()


def test_the_address_reads_back_as_the_same_filters(account, team, member):
    label = make_label(team)
    query = QueryDict(
        f"q=two+words&label={label.pk}&state=failed&state=draft&account={account.pk}"
        f"&author={member.user_id}"
    )

    filters = read_filters(query, member)

    assert filters.address() == [
        ("account", str(account.pk)),
        ("state", "draft"),
        ("state", "failed"),
        ("author", str(member.user_id)),
        ("label", str(label.pk)),
        ("q", "two words"),
    ]


def shown(member, query="", keeps=()):
    return render_to_string(
        "calendar/_filters.html",
        filter_form(read(query, member), member, "/calendar/", keeps),
    )


def test_the_form_ticks_what_is_chosen_and_keeps_the_rest_of_the_address(team, member):
    label = make_label(team)

    html = shown(member, f"label={label.pk}&q=a%22b", [("view", "list")])

    assert f'name="label" value="{label.pk}" checked' in html
    assert 'type="hidden" name="view" value="list"' in html
    assert 'name="q" value="a&quot;b"' in html
    assert 'href="/calendar/?view=list"' in html


def test_the_form_without_filters_has_nothing_to_clear(member):
    html = shown(member)

    assert "checked" not in html
    assert "Clear" not in html


def test_the_form_offers_only_what_the_team_has(account, member):
    make_label(make_member().team, "Foreign")

    html = shown(member)

    assert str(account) in html
    assert 'name="label"' not in html


def test_the_form_asks_three_queries_however_much_there_is(team, member, django_assert_num_queries):
    for number in range(5):
        make_account(team)
        make_label(team, f"Label {number}")

    with django_assert_num_queries(3):
        filter_form(Filters(), member, "/calendar/")
