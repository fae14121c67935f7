"""What the code reads again is kept in English, what people read is kept in their language."""

import pytest
from django.utils import translation
from django.utils.timezone import now as current_moment

from publishing.consent import why_no_consent
from publishing.states import State
from publishing.story import story_of
from publishing.taking_back import reopen_post
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def other_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that says everything in brackets."""
    said = {
        "gettext": lambda text: f"⟦{text}⟧",
        "pgettext": lambda _, text: f"⟦{text}⟧",
        "ngettext": lambda one, more, number: f"⟦{one if number == 1 else more}⟧",
    }
    for name, words in said.items():
        monkeypatch.setattr(translation._trans, name, words)


def test_story_of_a_delivery(simulator, connect, run_until):
    post = make_post(connect())

    run_until(post, State.PUBLISHED)

    lines = story_of(post)
    assert all(line.title.startswith("⟦") for line in lines)
    assert all(line.text[:1] in {"", "⟦"} for line in lines)
    assert any(line.publish_id for line in lines)
    assert any(line.code == "PUBLISH_COMPLETE" for line in lines)


def test_story_of_a_failed_verdict(simulator, connect, run_until):
    simulator.set_outcome(fail_reason="spam_risk_text")
    post = make_post(connect())

    run_until(post, State.NEEDS_ATTENTION)

    told = [line.text for line in story_of(post) if "TikTok finds" in line.text]
    assert told == [post.note]


def test_reopened_post_is_known_as_such():
    post = make_post(caption="First")

    reopen_post(post, post.author, current_moment())
    post.caption = "Second"

    reason = "⟦The post was reopened as a draft.⟧"
    assert post.consents.get().voided_reason == reason
    assert f"{reason}, and ⟦⟦the caption⟧ was changed.⟧" in why_no_consent(post)
