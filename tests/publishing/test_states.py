import pytest
from django.db import transaction
from django.utils.timezone import now as current_moment

from publishing.models import Post, StateChange
from publishing.states import MOVES, MoveRefused, State, may_move
from tests.publishing.factories import make_post


def test_every_state_has_its_row():
    assert set(MOVES) == set(State)


def test_a_published_post_never_moves_again():
    assert not any(may_move(State.PUBLISHED, state) for state in State)


def test_what_may_be_posted_is_never_called_failed_by_hand():
    assert not may_move(State.PROCESSING, State.CANCELED)


@pytest.mark.django_db
@pytest.mark.parametrize("old", State)
def test_the_table_is_kept_for_every_pair(old):
    post = make_post(state=old)

    for new in State:
        if not may_move(old, new):
            with pytest.raises(MoveRefused):
                post.move_to(new, now=current_moment(), reason="")

    assert StateChange.objects.count() == 0


@pytest.mark.django_db
def test_a_move_somebody_else_made_first_is_refused():
    post = make_post()
    stale = Post.objects.get(pk=post.pk)
    post.move_to(State.CANCELED, now=current_moment(), reason="")

    with pytest.raises(MoveRefused), transaction.atomic():
        stale.move_to(State.UPLOADING, now=current_moment(), reason="")

    assert StateChange.objects.count() == 1
