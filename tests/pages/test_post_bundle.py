"""The support bundle: who gets it, what is in it, and what never is."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment

from publishing import exchanges
from publishing.deleting import delete_tiktok_account
from publishing.models import Attempt, Exchange, Post
from publishing.states import State
from publishing.tasks import clean_up
from tests.factories import make_account, make_member
from tests.publishing.conftest import run_until, step
from tests.publishing.factories import make_media, make_post
from tiktok.exchanges import Exchange as Heard

__all__ = ["run_until"]
FILES = {
    "README.txt",
    "journal.json",
    "attempts.json",
    "exchanges.json",
    "state_changes.json",
    "consent.json",
    "media.json",
    "environment.json",
}
INIT = "/v2/post/publish/video/init/"


@pytest.fixture
def account(team):
    return make_account(team)


def download(client, post):
    return client.get(reverse("post_bundle", args=[post.pk]))


def unpacked(client, post) -> dict[str, str]:
    response = download(client, post)
    assert response.status_code == 200
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def part(client, post, name):
    return json.loads(unpacked(client, post)[name])


def heard(**values) -> Heard:
    fields = {
        "at": current_moment(),
        "method": "POST",
        "path": INIT,
        "request": {},
        "http_status": 200,
        "answer": {},
        "error": "",
        "duration_ms": 12,
    }
    return Heard(**fields | values)


def test_an_editor_downloads_one_zip(editor, account):
    post = make_post(account)

    response = download(editor, post)

    assert response["Content-Type"] == "application/zip"
    assert f"support-of-post-{post.pk}.zip" in response["Content-Disposition"]
    assert response["Cache-Control"] == "private, no-store"
    assert set(unpacked(editor, post)) == FILES


def test_a_post_without_account_and_media_has_one_too(editor, team):
    post = Post.objects.create(team=team)

    assert set(unpacked(editor, post)) == FILES


def test_the_posts_page_links_to_it_for_editors(editor, viewer, account):
    post = make_post(account)
    url = reverse("post_bundle", args=[post.pk])
    page = reverse("post", args=[post.pk])

    assert f'href="{url}"' in editor.get(page).content.decode()
    assert f'href="{url}"' not in viewer.get(page).content.decode()


def test_a_viewer_does_not_get_it(viewer, account):
    assert download(viewer, make_post(account)).status_code == 403


def test_for_a_stranger_it_does_not_exist(stranger, account):
    assert download(stranger, make_post(account)).status_code == 404


def test_anonymous_people_are_led_to_sign_in(client, account):
    location = download(client, make_post(account))["Location"]

    assert location.startswith(reverse("account_login"))


def test_it_answers_get_only(editor, account):
    assert editor.post(reverse("post_bundle", args=[make_post(account).pk])).status_code == 405


def test_tries_have_their_durations(editor, account):
    post = make_post(account)
    at = datetime(2026, 11, 26, 17, tzinfo=UTC)
    Attempt.objects.create(
        post=post,
        number=1,
        claimed_at=at,
        init_intended_at=at + timedelta(seconds=3),
        bytes_sent_at=at + timedelta(seconds=63.5),
    )

    [attempt] = part(editor, post, "attempts.json")

    assert attempt["seconds"] == {
        "claimed to init_intended": 3.0,
        "init_intended to bytes_sent": 60.5,
    }
    assert attempt["moments"]["claimed_at"] == "2026-11-26T17:00:00+00:00"


def test_versions_and_settings_are_told(editor, account, settings):
    environment = part(editor, make_post(account), "environment.json")

    assert environment["duecast"] == "0.1.0"
    assert environment["settings"]["VIDEO_SOURCE"] == "FILE_UPLOAD"
    assert environment["database"].startswith(("sqlite ", "postgresql "))


def test_calls_are_told_in_their_order(editor, account):
    post = make_post(account)
    later = current_moment() + timedelta(seconds=1)
    exchanges.keep(post.pk, [heard(at=later, error="timeout", http_status=None), heard()])

    first, second = part(editor, post, "exchanges.json")

    assert (first["endpoint"], first["http_status"]) == (INIT, 200)
    assert (second["http_status"], second["error"]) == (None, "timeout")


def test_odd_characters_of_tiktok_do_no_harm(editor, account):
    post = make_post(account)
    exchanges.keep(post.pk, [heard(answer={"text": "\0 \ud800"})])

    assert "exchanges.json" in unpacked(editor, post)
    assert Exchange.objects.count() == 1


def test_a_very_long_answer_is_cut(editor, account):
    post = make_post(account)
    exchanges.keep(post.pk, [heard(answer={"text": "x" * 50_000})])

    [told] = part(editor, post, "exchanges.json")

    assert told["answer"]["too_long"]["characters"] > 50_000
    assert len(Exchange.objects.get().answer) < 2000


@pytest.mark.django_db(transaction=True)
def test_a_post_that_is_gone_does_not_stop_the_work(team):
    exchanges.keep(999_999, [heard()])

    assert Exchange.objects.count() == 0


def test_calls_are_kept_for_thirty_days(account):
    post = make_post(account)
    now = current_moment()
    exchanges.keep(
        post.pk, [heard(at=now - timedelta(days=31)), heard(at=now - timedelta(days=29))]
    )

    clean_up()

    assert Exchange.objects.get().at == now - timedelta(days=29)


def test_calls_go_with_the_accounts_data(account):
    post = make_post(account, state=State.PUBLISHED)
    exchanges.keep(post.pk, [heard()])
    account.status = "disconnected"
    account.save()

    delete_tiktok_account(account, make_member(account.team).user, current_moment())

    assert Exchange.objects.count() == 0


@pytest.mark.django_db(transaction=True)
class TestRealCalls:
    """What the engine says to the simulator and hears from it."""

    @pytest.fixture
    def account(self, simulator, team, connect):
        return connect(team)

    @pytest.fixture
    def published(self, simulator, account, run_until, settings):
        settings.UPLOAD_CHUNK_BYTES = 5_242_880
        media = make_media(account.team, size_bytes=16_000_000)
        post = make_post(account, media=media, caption="Fresh rolls at seven")
        simulator.inject_fault("unavailable", path="/upload*", count=1, skip=1)
        return run_until(post, State.PUBLISHED)

    def test_every_call_of_the_way_is_told(self, editor, published):
        told = part(editor, published, "exchanges.json")

        ways = [one["endpoint"].strip("/").split("/")[-2:] for one in told]
        assert [way[-1] for way in ways[:2]] == ["query", "init"]
        statuses = [one["http_status"] for one in told if one["method"] == "PUT"]
        # The chunks that TikTok simply took are left out.
        assert statuses == [503, 201]
        assert any(one["endpoint"].endswith("status/fetch/") for one in told)
        assert all(one["answer"]["error"]["log_id"] for one in told if one["method"] == "POST")

    def test_the_caption_may_be_there(self, editor, published):
        assert "Fresh rolls at seven" in unpacked(editor, published)["exchanges.json"]

    def test_no_secret_is_there(self, editor, published, settings):
        account = published.account
        attempt = published.attempts.get()
        secrets = [
            account.access_token,
            account.refresh_token,
            settings.TIKTOK_CLIENT_SECRET,
            settings.SECRET_KEY,
            *settings.TOKEN_KEYS,
            attempt.upload_url,
            *attempt.upload_url.partition("?")[2].split("&"),
            attempt.upload_url_encrypted,
        ]

        whole = "".join(unpacked(editor, published).values())

        assert all(secrets)
        assert [secret for secret in secrets if secret in whole] == []

    def test_the_answer_is_in_the_journal_before_the_record(self, simulator, account, monkeypatch):
        seen = []

        def look(post_id, calls):
            numbers = Attempt.objects.filter(post=post_id).values_list("publish_id", flat=True)
            seen.append((len(calls), bool(numbers[0])))

        monkeypatch.setattr(exchanges, "keep", look)
        make_post(account)

        step()

        # The creator check in one stay; then the init, once it is in the journal.
        assert (1, True) in seen

    def test_a_record_that_cannot_be_written_stops_nothing(
        self, simulator, account, run_until, monkeypatch
    ):
        monkeypatch.setattr(exchanges, "_row", lambda post_id, _: Exchange(post_id=post_id))

        post = run_until(make_post(account), State.PUBLISHED)

        assert post.state == State.PUBLISHED
        assert Exchange.objects.count() == 0
