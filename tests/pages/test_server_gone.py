import pytest
from django.urls import reverse

from calendar_app.bench.ports import free_ports
from tests.factories import make_account


@pytest.fixture
def redis_is_gone(settings):
    [port] = free_ports(1)
    nobody = f"redis://127.0.0.1:{port}/0"
    redis = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": nobody}
    settings.CACHES = settings.CACHES | {"default": redis}


@pytest.mark.django_db
def test_a_page_that_needs_redis_says_what_is_down(editor, team, redis_is_gone):
    make_account(team)

    answer = editor.get(reverse("compose"))

    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert "does not answer" in answer.content.decode()


@pytest.mark.django_db
def test_the_calendar_needs_no_redis(editor, redis_is_gone):
    assert editor.get(reverse("calendar")).status_code == 200
