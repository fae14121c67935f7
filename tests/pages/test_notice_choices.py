import re

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import Role
from publishing.models import Notice, NoticeChoice, NoticeKind, NoticePace
from publishing.telling import tell
from tests.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_page(team, signed_in):
    def open_as(role):
        member = make_member(team, role)
        return member, signed_in(member)

    return open_as


def boxes_of(client):
    page = client.get(reverse("notice_choices")).content.decode()
    return re.findall(r'<input type="checkbox" name="([^"]+)"([^>]*)>', page)


def offered(client):
    return {name for name, _ in boxes_of(client)}


def ticked(client):
    return {name for name, rest in boxes_of(client) if "checked" in rest}


def save(client, *boxes, pace="at_once"):
    return client.post(reverse("notice_choices"), dict.fromkeys(boxes, "on") | {"pace": pace})


def test_an_editor_starts_with_trouble_by_mail_too(open_page):
    _, client = open_page(Role.EDITOR)

    boxes = ticked(client)

    assert {"failed-in_app", "failed-by_mail", "published-in_app"} <= boxes
    assert "published-by_mail" not in boxes


def test_a_viewer_starts_with_mentions_alone(open_page):
    _, client = open_page(Role.VIEWER)

    assert ticked(client) == {"mentioned-in_app", "mentioned-by_mail"}


def test_what_concerns_the_site_is_offered_to_owners(open_page):
    _, owner = open_page(Role.OWNER)
    _, manager = open_page(Role.MANAGER)

    extra = offered(owner) - offered(manager)

    assert extra == {"scheduler_silent-in_app", "scheduler_silent-by_mail"}


def test_approval_is_asked_of_those_who_may_give_it(open_page):
    _, approver = open_page(Role.APPROVER)
    _, editor = open_page(Role.EDITOR)

    assert "approval_asked-in_app" in offered(approver) - offered(editor)
    assert "changes_requested-in_app" in offered(editor) - offered(approver)


@pytest.mark.parametrize("role", Role)
def test_what_was_chosen_is_shown_again(open_page, role):
    _, client = open_page(role)

    response = save(client, "failed-by_mail", "moved-in_app")

    assert response.url == reverse("notice_choices")
    assert ticked(client) == {"failed-by_mail", "moved-in_app"}


def test_what_was_chosen_decides_what_is_told(team, open_page):
    viewer, client = open_page(Role.VIEWER)
    save(client, "failed-by_mail")

    tell(team, NoticeKind.FAILED, "Not posted", current_moment())
    tell(team, NoticeKind.UNCONFIRMED, "Maybe", current_moment())

    notice = Notice.objects.get(person=viewer.user)
    assert (notice.kind, notice.in_app, notice.by_mail) == ("failed", False, True)


def test_choosing_again_replaces_the_choice(open_page):
    _, client = open_page(Role.EDITOR)
    save(client, "failed-by_mail")

    save(client, "failed-in_app")

    assert ticked(client) == {"failed-in_app"}


@pytest.mark.parametrize("pace", ["hourly", "daily"])
def test_the_pace_is_kept(open_page, pace):
    member, client = open_page(Role.EDITOR)

    save(client, pace=pace)

    assert NoticePace.objects.get(person=member.user, team=member.team).pace == pace
    page = client.get(reverse("notice_choices")).content.decode()
    assert re.search(rf'value="{pace}"[^>]* checked', page)


def test_a_new_pace_keeps_the_moment_of_the_last_mail(open_page):
    member, client = open_page(Role.EDITOR)
    mailed_at = current_moment()
    NoticePace.objects.create(person=member.user, team=member.team, last_mail_at=mailed_at)

    save(client, pace="hourly")

    assert NoticePace.objects.get().last_mail_at == mailed_at


def test_a_choice_holds_for_one_team(open_page):
    member, client = open_page(Role.EDITOR)
    elsewhere = make_member(user=member.user)

    save(client)

    assert not NoticeChoice.objects.filter(team=elsewhere.team).exists()


def test_another_members_choice_stays(open_page):
    _, others_client = open_page(Role.EDITOR)
    _, client = open_page(Role.EDITOR)

    save(client)

    assert "failed-by_mail" in ticked(others_client)


def test_an_unknown_pace_is_explained_and_nothing_kept(open_page):
    _, client = open_page(Role.EDITOR)

    response = save(client, pace="never")

    assert response.status_code == 422
    assert 'id="id_pace_error"' in response.content.decode()
    assert not NoticeChoice.objects.exists()


def test_looking_writes_nothing(open_page):
    _, client = open_page(Role.EDITOR)

    client.get(reverse("notice_choices"))

    assert not NoticePace.objects.exists()


def test_the_settings_lead_there(open_page):
    _, client = open_page(Role.VIEWER)

    assert reverse("notice_choices") in client.get(reverse("settings")).content.decode()


def test_anonymous_people_save_nothing(client):
    assert save(client, "failed-in_app").url.startswith(reverse("account_login"))


def test_other_methods_are_refused(open_page):
    _, client = open_page(Role.EDITOR)

    assert client.put(reverse("notice_choices")).status_code == 405
