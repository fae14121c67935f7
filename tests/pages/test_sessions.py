"""Where a person is signed in, and ending that."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from calendar_app.pages.sessions import browser_words
from tests.factories import PASSWORD, make_member
from tests.pages.posting import words_of

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
EDGE = f"{CHROME} Edg/142.0.0.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def person():
    return make_member().user


def browser(person, user_agent=FIREFOX):
    client = Client(headers={"User-Agent": user_agent})
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    client.get(reverse("settings"))
    return client


def is_signed_in(client):
    return client.get(reverse("settings")).status_code == 200


def row_of(client):
    return UserSession.objects.get(session_key=client.session.session_key)


def end(client, session):
    return client.post(reverse("session_end", args=[session.pk]))


def test_every_browser_stands_in_the_list(person):
    here = browser(person)
    browser(person, CHROME)

    page = words_of(here.get(reverse("sessions")))

    assert "Firefox on Linux" in page
    assert "Chrome on Windows" in page
    assert page.count("This one") == 1


def test_others_sessions_do_not(person):
    browser(make_member().user, CHROME)

    assert "Chrome" not in words_of(browser(person).get(reverse("sessions")))


def test_one_is_ended_from_another(person):
    here, there = browser(person), browser(person, CHROME)

    end(here, row_of(there))

    assert (is_signed_in(here), is_signed_in(there)) == (True, False)


def test_this_one_is_ended(person):
    here, there = browser(person), browser(person, CHROME)

    assert end(here, row_of(here)).url == reverse("home")

    assert (is_signed_in(here), is_signed_in(there)) == (False, True)


def test_all_others_are_ended_at_once(person):
    here, *others = browser(person), browser(person, CHROME), browser(person, EDGE)
    stranger = browser(make_member().user)

    here.post(reverse("sessions_end_others"))

    assert not any(map(is_signed_in, others))
    assert is_signed_in(here)
    assert is_signed_in(stranger)


def test_a_strangers_session_is_not_there(person):
    theirs = browser(make_member().user)

    assert end(browser(person), row_of(theirs)).status_code == 404
    assert is_signed_in(theirs)


def test_one_that_was_begun_otherwise_is_listed_too(client, person):
    client.force_login(person)
    client.get(reverse("settings"))

    assert "This one" in words_of(client.get(reverse("sessions")))


def test_looking_is_noted_once_an_hour(person, time_machine):
    here = browser(person)
    before = row_of(here).last_seen_at
    here.get(reverse("settings"))
    assert row_of(here).last_seen_at == before

    time_machine.move_to(timezone.now() + timedelta(hours=2))
    here.get(reverse("settings"))

    assert row_of(here).last_seen_at > before + timedelta(hours=1)


def test_another_password_keeps_this_session_in_the_list(person):
    here = browser(person)
    here.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "quite another 1", "password2": "quite another 1"},
    )

    page = words_of(here.get(reverse("sessions")))

    assert page.count("Firefox on Linux") == 2  # its row, and the name of its button
    assert "This one" in page


def test_ending_is_not_a_link(person):
    here = browser(person)

    assert here.get(reverse("sessions_end_others")).status_code == 405
    assert here.get(reverse("session_end", args=[row_of(here).pk])).status_code == 405


def test_anonymous_people_sign_in_first(client):
    assert client.get(reverse("sessions")).url.startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (CHROME, "Chrome on Windows"),
        (EDGE, "Edge on Windows"),
        (SAFARI, "Safari on an iPhone"),
        ("curl/8.5", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_in_words(user_agent, words):
    assert browser_words(user_agent) == words
