"""What goes wrong in the seconds before the due moment never makes a post leave before it."""

from datetime import timedelta

import pytest
from django.utils.timezone import now as current_moment

from publishing.limits import LIMITS, Endpoint
from publishing.models import RateUse
from publishing.states import State
from tests.publishing.conftest import step
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db(transaction=True)

CREATOR_INFO = "/v2/post/publish/creator_info/query/"


@pytest.fixture
def soon(connect):
    return make_post(connect(), due_at=current_moment() + timedelta(seconds=4))


def test_a_full_rate_window_that_frees_before_the_moment(soon):
    frees_at = current_moment() + timedelta(seconds=1)
    for place in range(LIMITS[Endpoint.CREATOR_INFO]):
        RateUse.objects.create(
            account=soon.account, endpoint=Endpoint.CREATOR_INFO, place=place, frees_at=frees_at
        )

    step()

    soon.refresh_from_db()
    assert (soon.state, soon.next_action_at) == (State.SCHEDULED, soon.due_at)


def test_a_creator_check_that_failed_in_the_seconds_before(soon, simulator):
    simulator.inject_fault("unavailable", path=CREATOR_INFO)

    step()

    soon.refresh_from_db()
    assert (soon.state, soon.next_action_at) == (State.SCHEDULED, soon.due_at)
