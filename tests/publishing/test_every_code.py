"""Every error code of the init calls and every fail_reason that TikTok documents: what becomes of
the post, in words, with TikTok's code and log id kept. Sources: content-posting-api-reference-*,
get-video-status."""

import pytest

from publishing.models import JournalLine
from publishing.states import State
from publishing.wording import PHOTO_WORDS, WORDS
from tests.publishing.conftest import step
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db(transaction=True)

VIDEO_INIT = "/v2/post/publish/video/init/"
# A retry is scheduled again; what a person can mend waits for a person; the rest has failed.
AGAIN, PERSON, NO = State.SCHEDULED, State.NEEDS_ATTENTION, State.FAILED
INIT_CODES = {
    "invalid_param": (400, NO),
    "invalid_params": (400, NO),
    "invalid_file_upload": (400, NO),
    "app_version_check_failed": (400, PERSON),
    "scope_permission_missed": (400, PERSON),
    "scope_not_authorized": (401, PERSON),
    "access_token_invalid": (401, PERSON),
    "spam_risk_too_many_posts": (403, AGAIN),
    "spam_risk_user_banned_from_posting": (403, PERSON),
    "spam_risk_too_many_pending_share": (403, PERSON),
    "reached_active_user_cap": (403, AGAIN),
    "unaudited_client_can_only_post_to_private_accounts": (403, PERSON),
    "url_ownership_unverified": (403, PERSON),
    "privacy_level_option_mismatch": (403, PERSON),
    "rate_limit_exceeded": (429, AGAIN),
    "internal_error": (500, AGAIN),
    "a_code_of_tomorrow": (400, NO),
}
FAIL_REASONS = {
    "file_format_check_failed": PERSON,
    "duration_check_failed": PERSON,
    "frame_rate_check_failed": PERSON,
    "picture_size_check_failed": PERSON,
    "internal": AGAIN,
    "video_pull_failed": AGAIN,
    "photo_pull_failed": AGAIN,
    "publish_cancelled": NO,
    "auth_removed": PERSON,
    "spam_risk_too_many_posts": AGAIN,
    "spam_risk_user_banned_from_posting": PERSON,
    "spam_risk_text": PERSON,
    "spam_risk": NO,
    "a_reason_of_tomorrow": NO,
}
TOMORROW = {"a_code_of_tomorrow", "a_reason_of_tomorrow"}


@pytest.mark.parametrize("code", INIT_CODES)
def test_an_init_refused_with(code, simulator, connect, settings):
    settings.RETRY_BASE_S = 60
    status, expected = INIT_CODES[code]
    simulator.inject_fault(kind="error", code=code, status=status, path=VIDEO_INIT, count=None)
    post = make_post(connect())

    step()

    post.refresh_from_db()
    assert post.state == expected
    assert simulator.posts() == []
    if code != "access_token_invalid":
        line = JournalLine.objects.get(post=post, kind="init_failed")
        assert (line.code, bool(line.log_id)) == (code, True)


@pytest.mark.parametrize("reason", FAIL_REASONS)
def test_an_end_with(reason, simulator, connect, settings):
    settings.RETRY_BASE_S = 60
    simulator.set_outcome(fail_reason=reason)
    post = make_post(connect())

    step()
    step()

    post.refresh_from_db()
    assert post.state == FAIL_REASONS[reason]
    line = JournalLine.objects.get(post=post, kind="verdict")
    assert (line.code, bool(line.log_id)) == (reason, True)


@pytest.mark.parametrize("code", sorted((INIT_CODES.keys() | FAIL_REASONS.keys()) - TOMORROW))
def test_words_for(code):
    words = WORDS[code]

    assert code not in words
    assert words.endswith(".")
    assert not PHOTO_WORDS.get(code, ".").count("_")


def test_an_unknown_code_is_quoted_as_it_is(simulator, connect):
    simulator.inject_fault(kind="error", code="a_code_of_tomorrow", status=400, path=VIDEO_INIT)
    post = make_post(connect())

    step()

    post.refresh_from_db()
    assert "a_code_of_tomorrow: Injected by the simulator." in post.note
