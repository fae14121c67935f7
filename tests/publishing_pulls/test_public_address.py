import socket
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils.timezone import now as current_moment

from publishing import public_address
from publishing.models import MediaKind
from publishing.plan import Plan
from publishing.public_address import (
    Standing,
    check_public_address,
    expected_answer,
    judge,
    known_finding,
    look_again,
    look_at_address,
)
from publishing.refusals import PostRefused
from publishing.scheduling import schedule_post
from publishing.states import State
from tests.factories import make_account, make_member
from tests.publishing.factories import make_media
from tests.publishing.test_planning import CREATOR
from tests.publishing_pulls.factories import make_photo
from tests.tiktok.certificate import server_context, write_self_signed
from tests.tiktok.stub import StubServer, serve

pytestmark = pytest.mark.django_db(transaction=True)

HOST = "calendar.example"


@pytest.mark.parametrize(
    ("site_url", "code"),
    [
        ("https://calendar.example", None),
        ("https://calendar.example:8443", None),
        ("http://calendar.example", "address_not_https"),
        ("http://localhost:8000", "address_not_https"),
        ("https://192.0.2.7", "address_without_domain"),
        ("https://[2001:db8::7]", "address_without_domain"),
        ("https://localhost", "address_without_domain"),
        ("https://calendar", "address_without_domain"),
    ],
)
def test_an_address_is_judged_by_its_looks(site_url, code):
    found = judge(site_url, is_simulator=False)

    assert (found.code if found else None) == code


@pytest.mark.parametrize("site_url", ["http://localhost:8000", "https://192.0.2.7"])
def test_the_simulator_fetches_from_anywhere(site_url):
    assert judge(site_url, is_simulator=True) is None


@pytest.fixture
def other(settings):
    """Some other server at the public address."""
    stub = StubServer()
    serve(stub)
    settings.SITE_URL = stub.url
    yield stub
    stub.shutdown()
    stub.server_close()


def test_a_site_that_reaches_itself_is_fine_for_the_simulator():
    found = look_at_address()

    assert (found.standing, found.code) == (Standing.OK, "only_simulator")
    assert "TikTok itself would not accept it" in found.advice


@pytest.mark.parametrize(
    ("status", "headers", "code", "standing"),
    [
        (301, {"Location": "https://calendar.example/"}, "address_redirects", Standing.PROBLEM),
        (307, {"Location": "/login"}, "address_redirects", Standing.PROBLEM),
        (401, {"WWW-Authenticate": "Basic"}, "address_refused", Standing.PROBLEM),
        (403, {}, "address_refused", Standing.PROBLEM),
        (404, {}, "address_refused", Standing.PROBLEM),
        (200, {}, "address_of_another", Standing.PROBLEM),
        (502, {}, "address_busy", Standing.WARNING),
        (503, {}, "address_busy", Standing.WARNING),
    ],
)
def test_what_stands_at_the_address_instead_is_told(other, status, headers, code, standing):
    other.will_answer(status, b"hello", headers)

    found = look_at_address()

    assert (found.code, found.standing) == (code, standing)
    assert found.advice


def test_a_server_that_repeats_the_question_is_another(other):
    def repeat(handler):
        handler.receive()
        handler.answer(200, other.last.path.rpartition("/")[2].encode())

    other.behaviour = repeat

    assert look_at_address().code == "address_of_another"


def test_a_site_with_another_secret_is_another(other, settings):
    def answer_like_a_copy(handler):
        handler.receive()
        nonce = other.last.path.rpartition("/")[2]
        handler.answer(200, expected_answer(nonce).encode())

    other.behaviour = answer_like_a_copy
    assert look_at_address().code == "only_simulator"
    real_key = settings.SECRET_KEY

    def answer_with_another_key(handler):
        settings.SECRET_KEY = "another-key"
        answer_like_a_copy(handler)
        settings.SECRET_KEY = real_key

    other.behaviour = answer_with_another_key

    assert look_again().code == "address_of_another"


def test_the_question_is_asked_without_cookies_under_the_prefix(other):
    other.will_answer(200)

    look_at_address()

    assert other.last.path.startswith("/pull/self-check/")
    assert "Cookie" not in other.last.headers
    assert "Authorization" not in other.last.headers


def test_nobody_listening_is_a_warning(settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.SITE_URL = f"http://127.0.0.1:{server.getsockname()[1]}"

    found = look_at_address()

    assert (found.code, found.standing) == ("address_unreachable", Standing.WARNING)


def test_a_name_that_nobody_knows_is_a_warning(settings):
    settings.SITE_URL = "http://calendar.invalid"

    assert look_at_address().code == "address_unreachable"


@pytest.mark.parametrize("behaviour", ["silent", "trickling", "hanging up"])
def test_a_server_that_does_not_answer_holds_nobody_up(other, monkeypatch, behaviour):
    monkeypatch.setattr(public_address, "ANSWER_TIMEOUT_S", 0.3)

    def behave(handler):
        handler.receive()
        if behaviour == "silent":
            time.sleep(4)
        elif behaviour == "hanging up":
            handler.close_connection = True
        else:
            handler.send_response(200)
            handler.end_headers()
            for _ in range(40):
                handler.wfile.write(b"x")
                time.sleep(0.1)

    other.behaviour = behave
    began_s = time.monotonic()

    found = look_at_address()

    assert time.monotonic() - began_s < 3
    assert found.standing != Standing.OK


class TestTls:
    @pytest.fixture
    def secure(self, settings, tmp_path, monkeypatch):
        """A server with TLS whose name leads to this machine; TikTok's own rules apply."""
        certificate = write_self_signed(tmp_path / "site.pem", HOST)
        stub = StubServer()
        stub.socket = server_context(certificate).wrap_socket(stub.socket, server_side=True)
        serve(stub)
        real_lookup = socket.getaddrinfo

        def look_up(host, *arguments, **options):
            is_ours = str(host).endswith(".example")
            return real_lookup("127.0.0.1" if is_ours else host, *arguments, **options)

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        monkeypatch.setenv("no_proxy", "*")
        settings.SITE_URL = f"https://{HOST}:{stub.server_port}"
        settings.SIMULATOR_IN_USE = False
        stub.certificate = certificate
        stub.behaviour = answer_rightly
        yield stub
        stub.shutdown()
        stub.server_close()

    def test_a_valid_certificate_is_fine(self, secure, monkeypatch):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secure.certificate))

        found = look_at_address()

        assert (found.standing, found.code) == (Standing.OK, "reached")

    def test_a_certificate_of_nobody_is_a_warning(self, secure):
        found = look_at_address()

        assert (found.standing, found.code) == (Standing.WARNING, "address_certificate")

    def test_a_certificate_of_another_name_is_a_warning(self, secure, monkeypatch, settings):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secure.certificate))
        settings.SITE_URL = settings.SITE_URL.replace(HOST, f"www.{HOST}")

        assert look_at_address().code == "address_certificate"

    def test_a_server_without_tls_is_a_warning(self, other, settings, monkeypatch):
        settings.SITE_URL = other.url.replace("http", "https")

        assert look_at_address().code == "address_certificate"


def answer_rightly(handler):
    handler.receive()
    nonce = handler.server.last.path.rpartition("/")[2]
    handler.answer(200, expected_answer(nonce).encode())


class TestAMinuteOld:
    def test_the_answer_is_kept_for_a_minute(self, other):
        other.will_answer(404)
        first = look_at_address()

        second = look_at_address()

        assert first == second == known_finding()
        assert len(other.received) == 1

    def test_it_is_asked_anew_afterwards(self, other):
        other.will_answer(404)
        look_at_address()
        cache.delete(public_address._key())

        look_at_address()

        assert len(other.received) == 2

    def test_checking_again_asks_at_once(self, other):
        other.will_answer(404)
        look_at_address()
        other.behaviour = answer_rightly

        assert look_again().standing == Standing.OK

    def test_an_answer_about_another_address_does_not_count(self, other, settings):
        other.will_answer(404)
        look_at_address()

        settings.SITE_URL = "http://localhost:1"

        assert known_finding().standing == Standing.UNKNOWN

    def test_knowing_asks_nobody(self, other):
        assert known_finding().standing == Standing.UNKNOWN
        assert check_public_address() == []
        assert other.received == []


class TestScheduling:
    @pytest.fixture
    def author(self):
        return make_member().user

    def schedule(self, author, **values):
        account = make_account(author.memberships.get().team)
        photo = make_photo(account.team)
        fields = {
            "account": account,
            "kind": MediaKind.PHOTO,
            "media": photo,
            "photos": (photo,),
            "privacy_level": "PUBLIC_TO_EVERYONE",
            "due_at": current_moment() + timedelta(hours=1),
        }
        plan = Plan(**fields | values)
        return schedule_post(account.team, author, plan, uuid4(), CREATOR, current_moment())

    @pytest.fixture
    def http_site(self, settings):
        settings.SITE_URL = "http://calendar.example"
        settings.SIMULATOR_IN_USE = False

    @pytest.mark.usefixtures("http_site")
    def test_photos_are_refused_at_an_address_that_tiktok_refuses(self, author):
        with pytest.raises(PostRefused) as refused:
            self.schedule(author)

        [problem] = refused.value.problems
        assert (problem.field, problem.code) == ("media", "address_not_https")
        assert problem.account_id is not None

    @pytest.mark.usefixtures("http_site")
    def test_a_video_that_we_send_needs_no_public_address(self, author):
        video = {"kind": MediaKind.VIDEO, "media": make_media(author.memberships.get().team)}

        assert self.schedule(author, photos=(), **video).state == State.SCHEDULED

    @pytest.mark.usefixtures("http_site")
    def test_a_video_that_tiktok_fetches_needs_one(self, author, settings):
        settings.VIDEO_SOURCE = "PULL_FROM_URL"
        video = {"kind": MediaKind.VIDEO, "media": make_media(author.memberships.get().team)}

        with pytest.raises(PostRefused):
            self.schedule(author, photos=(), **video)

    def test_what_the_last_look_found_wrong_is_refused_too(self, author, other):
        other.will_answer(401)
        look_at_address()

        with pytest.raises(PostRefused, match="without a sign-in"):
            self.schedule(author)

    def test_a_server_that_cannot_reach_itself_schedules_all_the_same(self, author, settings):
        settings.SITE_URL = "http://calendar.invalid"
        look_at_address()

        assert self.schedule(author).state == State.SCHEDULED

    def test_nobody_is_asked_while_a_post_is_scheduled(self, author, other):
        self.schedule(author)

        assert other.received == []


def test_the_look_holds_no_transaction(other, monkeypatch):
    real_fetch, seen = public_address._fetch, []

    def fetch(url):
        seen.append(connection.in_atomic_block)
        return real_fetch(url)

    monkeypatch.setattr(public_address, "_fetch", fetch)

    look_at_address()

    assert seen == [False]
