import gc

import pytest

from calendar_app import gunicorn, watching


@pytest.fixture
def fresh_worker(monkeypatch):
    monkeypatch.setattr(watching, "start", lambda: None)
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_a_web_worker_spares_what_it_loaded_the_search_for_garbage(fresh_worker):
    left = len(gc.get_objects())

    gunicorn.post_worker_init(None)

    assert len(gc.get_objects()) < left / 10
