from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.timezone import now as current_moment

from publishing.models import Presence
from publishing.presence import LASTS, WRITTEN_EVERY, be_present, clean_up, leave_form
from tests.factories import make_user

pytestmark = pytest.mark.django_db
TOKEN, NOW = uuid4(), current_moment()


@pytest.fixture
def jonas():
    return make_user(name="Jonas")


@pytest.fixture
def mia():
    return make_user(name="Mia")


def names(found):
    return [(one.person.name, one.is_editing) for one in found]


def test_the_second_person_learns_of_the_first(jonas, mia):
    assert be_present(TOKEN, jonas, NOW, is_editing=True) == []

    assert names(be_present(TOKEN, mia, NOW, is_editing=True)) == [("Jonas", True)]


def test_nobody_is_told_of_oneself(jonas):
    be_present(TOKEN, jonas, NOW, is_editing=True)

    assert be_present(TOKEN, jonas, NOW, is_editing=False) == []


def test_whoever_looks_and_edits_is_named_once_as_editing(jonas, mia):
    be_present(TOKEN, jonas, NOW, is_editing=False)
    be_present(TOKEN, jonas, NOW, is_editing=True)

    assert names(be_present(TOKEN, mia, NOW, is_editing=False)) == [("Jonas", True)]


def test_a_closed_page_is_forgotten_after_a_while(jonas, mia):
    be_present(TOKEN, jonas, NOW, is_editing=True)

    assert be_present(TOKEN, mia, NOW + LASTS, is_editing=True) == []


def test_asking_again_keeps_one_present(jonas, mia):
    for seconds in (0, 20, 40):
        be_present(TOKEN, jonas, NOW + timedelta(seconds=seconds), is_editing=True)

    found = be_present(TOKEN, mia, NOW + timedelta(seconds=60), is_editing=True)

    assert names(found) == [("Jonas", True)]
    assert Presence.objects.count() == 2


def test_a_fresh_note_is_not_written_again(jonas, django_assert_num_queries):
    be_present(TOKEN, jonas, NOW, is_editing=True)

    with django_assert_num_queries(1):
        be_present(TOKEN, jonas, NOW + WRITTEN_EVERY / 2, is_editing=True)


def test_another_post_is_another_matter(jonas, mia):
    be_present(TOKEN, jonas, NOW, is_editing=True)

    assert be_present(uuid4(), mia, NOW, is_editing=True) == []


def test_who_sent_the_form_edits_it_no_more(jonas, mia):
    be_present(TOKEN, jonas, NOW, is_editing=True)

    leave_form(TOKEN, jonas)

    assert be_present(TOKEN, mia, NOW, is_editing=True) == []


def test_old_notes_are_swept_away(jonas):
    be_present(TOKEN, jonas, NOW, is_editing=True)

    clean_up(NOW + LASTS + timedelta(seconds=1))

    assert not Presence.objects.exists()
