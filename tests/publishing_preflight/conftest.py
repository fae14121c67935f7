from datetime import timedelta

import pytest
from django.utils.timezone import now as current_moment

from publishing.models import Post
from publishing.preflight import sweep
from tests.publishing.conftest import connect, simulator, simulator_process
from tests.publishing.factories import make_post

__all__ = ["connect", "simulator", "simulator_process"]


@pytest.fixture
def ahead(connect):
    """Makes a scheduled post due in so many hours, and checks it as of now."""

    def make(hours=2.0, account=None, **overrides):
        due_at = current_moment() + timedelta(hours=hours)
        return make_post(account or connect(), due_at=due_at, **overrides)

    return make


@pytest.fixture
def found():
    """Checks the post now; gives the codes of what was found."""

    def check(post):
        fresh = Post.objects.select_related("account", "media", "team").get(pk=post.pk)
        sweep.check_post_ahead(fresh, current_moment())
        post.refresh_from_db()
        return [problem["code"] for problem in post.preflight_problems]

    return check
