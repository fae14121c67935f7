import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import Role
from publishing.models import Notice, NoticeKind
from publishing.tasks import clean_up
from publishing.telling import tell
from tests.factories import make_account, make_member
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(team):
    return make_member(team, Role.EDITOR)


@pytest.fixture
def browser(member, signed_in):
    return signed_in(member)


@pytest.fixture
def notice(member):
    return make_notice(member)


def make_notice(member, headline="Not posted on Maple: Fresh bread", **values):
    fields = {"person": member.user, "team": member.team, "kind": NoticeKind.FAILED}
    return Notice.objects.create(headline=headline, **fields | values)


def page_of(client, query=""):
    return client.get(reverse("notices") + query).content.decode()


def bell_of(client):
    """The name of the menu's link to the notices."""
    page = client.get(reverse("team")).content.decode()
    link = page.split('title="Notices"')[1].split(">", 1)[1].split("</a>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", link)).strip()


def test_a_notice_says_what_when_and_in_which_zone(browser, member):
    at = current_moment() - timedelta(hours=2)
    make_notice(member, text="It was risky.", code="spam_risk", log_id="2026LOG", at=at)

    page = page_of(browser)

    for words in ("Post failed", "Fresh bread", "It was risky.", "spam_risk", "2026LOG"):
        assert words in page
    assert "(2 h ago)" in page
    assert re.search(r"\d\d:\d\d CES?T", page)


def test_the_newest_comes_first(browser, member):
    make_notice(member, "The newer one")
    make_notice(member, "The older one", at=current_moment() - timedelta(days=1))

    page = page_of(browser)

    assert page.index("The newer one") < page.index("The older one")


def test_a_viewer_sees_their_own(team, signed_in):
    viewer = make_member(team, Role.VIEWER)
    make_notice(viewer, "For the viewer")

    assert "For the viewer" in page_of(signed_in(viewer))


def test_an_owner_does_not_see_an_editors(team, signed_in, notice):
    owner = signed_in(make_member(team, Role.OWNER))

    assert notice.headline not in page_of(owner)


def test_news_of_another_team_is_not_shown(browser, member):
    make_notice(make_member(user=member.user), "From the other team")

    assert "From the other team" not in page_of(browser)


def test_what_was_for_the_mail_alone_is_not_shown(browser, member):
    make_notice(member, "Mail only", in_app=False, by_mail=True)

    assert "Mail only" not in page_of(browser)


def test_without_any_it_says_so(browser):
    assert "No notices yet." in page_of(browser)


def test_unread_ones_can_be_seen_alone(browser, member):
    make_notice(member, "Seen before", read_at=current_moment())
    make_notice(member, "Still to read")

    page = page_of(browser, "?show=unread")

    assert "Still to read" in page
    assert "Seen before" not in page


def test_with_all_read_the_unread_page_says_so(browser, member):
    make_notice(member, read_at=current_moment())

    assert "Nothing unread." in page_of(browser, "?show=unread")


def test_older_ones_are_on_further_pages(browser, member):
    for number in range(31):
        make_notice(member, f"No. {number:02}.", at=current_moment() - timedelta(hours=number))

    assert "No. 30." not in page_of(browser)
    assert "No. 30." in page_of(browser, "?page=2")
    assert "show=unread&amp;page=2" in page_of(browser, "?show=unread")


def test_the_number_of_queries_does_not_grow(browser, member, django_assert_max_num_queries):
    make_notice(member)
    with django_assert_max_num_queries(100) as few:
        page_of(browser)
    account = make_account(member.team)
    for _ in range(20):
        make_notice(member, account=account)

    with django_assert_max_num_queries(len(few)):
        page_of(browser)


class TestOpening:
    def open(self, client, notice):
        return client.post(reverse("notice_open", args=[notice.pk]))

    def test_it_leads_to_the_post_and_is_read(self, browser, member):
        post = make_post(make_account(member.team), author=member.user)
        notice = make_notice(member, post=post, account=post.account)

        response = self.open(browser, notice)

        assert response.url == reverse("post", args=[post.pk])
        notice.refresh_from_db()
        assert notice.read_at

    def test_news_of_an_account_leads_to_the_accounts(self, browser, member):
        notice = make_notice(member, account=make_account(member.team))

        assert self.open(browser, notice).url == reverse("accounts")

    def test_news_of_neither_leads_back(self, browser, notice):
        assert self.open(browser, notice).url == reverse("notices")

    def test_a_second_time_keeps_the_first_moment(self, browser, member):
        read_at = current_moment() - timedelta(days=1)
        notice = make_notice(member, read_at=read_at)

        self.open(browser, notice)

        notice.refresh_from_db()
        assert notice.read_at == read_at

    def test_a_viewer_opens_their_own(self, team, signed_in):
        viewer = make_member(team, Role.VIEWER)

        assert self.open(signed_in(viewer), make_notice(viewer)).status_code == 302

    def test_a_strangers_is_not_found(self, stranger, notice):
        assert self.open(stranger, notice).status_code == 404

    def test_a_teammates_is_not_found(self, team, signed_in, notice):
        assert self.open(signed_in(make_member(team, Role.OWNER)), notice).status_code == 404

    def test_one_of_a_team_that_was_left_is_not_found(self, browser, member):
        elsewhere = make_member(user=member.user)
        notice = make_notice(elsewhere)
        elsewhere.delete()

        assert self.open(browser, notice).status_code == 404

    def test_anonymous_people_sign_in_first(self, client, notice):
        assert self.open(client, notice).url.startswith(reverse("account_login"))

    def test_a_link_alone_marks_nothing(self, browser, notice):
        assert browser.get(reverse("notice_open", args=[notice.pk])).status_code == 405


class TestMarkingAllAsRead:
    def mark(self, client, up_to):
        return client.post(reverse("notices_read"), {"up_to": up_to})

    def test_they_are_read(self, browser, notice):
        assert self.mark(browser, notice.pk).url == reverse("notices")

        assert not Notice.objects.filter(read_at=None).exists()

    def test_what_came_since_stays_unread(self, browser, member, notice):
        newer = make_notice(member)

        self.mark(browser, notice.pk)

        assert Notice.objects.get(read_at=None) == newer

    def test_the_page_offers_up_to_its_newest(self, browser, member, notice):
        newest = make_notice(member, at=current_moment() - timedelta(days=1))

        assert f'name="up_to" value="{newest.pk}"' in page_of(browser)

    def test_other_peoples_stay_unread(self, team, browser, notice):
        other = make_notice(make_member(team))

        self.mark(browser, other.pk)

        assert Notice.objects.get(read_at=None) == other

    @pytest.mark.parametrize("up_to", ["", "all", "-1", "9" * 30, "²"])
    def test_nonsense_is_refused(self, browser, notice, up_to):
        assert self.mark(browser, up_to).status_code == 404
        assert Notice.objects.filter(read_at=None).exists()

    def test_anonymous_people_sign_in_first(self, client, notice):
        assert self.mark(client, notice.pk).url.startswith(reverse("account_login"))

    def test_with_all_read_it_is_not_offered(self, browser, member):
        make_notice(member, read_at=current_moment())

        assert "Mark all as read" not in page_of(browser)


class TestTheBell:
    def test_its_name_says_how_many_are_unread(self, browser, member):
        make_notice(member)
        make_notice(member)
        make_notice(member, read_at=current_moment())
        make_notice(member, in_app=False)

        assert bell_of(browser) == "Notices 2 unread"

    def test_with_nothing_unread_it_says_no_number(self, browser):
        assert bell_of(browser) == "Notices"

    def test_it_stops_counting_at_99(self, browser, member):
        Notice.objects.bulk_create(
            Notice(person=member.user, team=member.team, kind="failed", headline="No")
            for _ in range(120)
        )

        assert bell_of(browser) == "Notices 99+ unread"

    def test_it_costs_one_query(self, browser, notice, django_assert_max_num_queries):
        with django_assert_max_num_queries(100) as captured:
            browser.get(reverse("team"))

        asked = [one for one in captured.captured_queries if "publishing_notice" in one["sql"]]
        assert len(asked) == 1


@pytest.mark.parametrize("name", ["notices", "notice_choices"])
def test_anonymous_people_sign_in_first(client, name):
    assert client.get(reverse(name)).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ["notices", "notice_choices"])
def test_without_a_team_there_is_nothing(signed_in, name):
    member = make_member()
    client = signed_in(member)
    member.delete()

    assert client.get(reverse(name)).status_code == 403


def test_it_is_only_read(browser):
    assert browser.post(reverse("notices")).status_code == 405


def test_after_90_days_they_are_gone(team, member):
    now = current_moment()
    tell(team, NoticeKind.FAILED, "Too old", now - timedelta(days=91))
    tell(team, NoticeKind.FAILED, "Old", now - timedelta(days=89))

    clean_up()

    assert Notice.objects.get().headline == "Old"
