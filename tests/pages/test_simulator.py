import re
from urllib.parse import urlencode, urlsplit

import pytest
import requests
from django.urls import reverse

from simulator.process import start
from tests.factories import make_user
from tests.media_samples import make_mp4

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with start(
        data=tmp_path_factory.mktemp("proxied"),
        public_url="http://localhost:8000/simulator",
        redirect_prefix=["http://localhost:8000/"],
    ) as process:
        yield process


@pytest.fixture
def built_in(running, settings):
    settings.SIMULATOR_IS_BUILT_IN = True
    settings.TIKTOK_API_URL = running.base_url
    return running


@pytest.fixture
def person(client):
    client.force_login(make_user())
    return client


def get(client, path, **options):
    return client.get(f"/simulator/{path}", **options)


def body_of(response):
    return b"".join(response.streaming_content)


CONSENT = {
    "response_type": "code",
    "scope": "user.info.basic",
    "redirect_uri": "http://localhost:8000/accounts/callback/",
    "state": "a-state",
}


def decide(client, built_in, decision):
    form = CONSENT | {
        "client_key": built_in.client_key,
        "creator": built_in.control.creators()[0]["username"],
        "granted": "user.info.basic",
        "decision": decision,
    }
    return client.post(
        "/simulator/v2/auth/authorize/decide",
        urlencode(form),
        content_type="application/x-www-form-urlencoded",
    )


def test_its_first_page_is_handed_through(person, built_in):
    assert b"Creators" in body_of(get(person, ""))


def test_its_links_stay_below_our_address(person, built_in):
    assert b'href="/simulator/simulator.css"' in body_of(get(person, ""))


def test_its_own_content_policy_is_kept(person, built_in):
    policy = get(person, "")["Content-Security-Policy"]

    assert "script-src" not in policy
    assert "default-src 'none'" in policy


def test_a_consent_leads_back_to_our_callback(person, built_in):
    response = decide(person, built_in, "allow")

    assert response.status_code in (302, 303)
    assert response["Location"].startswith("http://localhost:8000/accounts/callback/?code=")


def test_the_creator_who_consented_is_remembered_for_its_pages_only(person, built_in):
    response = decide(person, built_in, "allow")

    assert response.cookies["simulator_session"]["path"] == "/simulator/v2/auth/"


def test_a_refusal_leads_back_to_our_callback(person, built_in):
    response = decide(person, built_in, "refuse")

    assert "error=access_denied" in response["Location"]


@pytest.fixture
def unreachable(settings):
    """Whatever is handed through gets 502, so that a 404 is ours."""
    settings.SIMULATOR_IS_BUILT_IN = True
    settings.TIKTOK_API_URL = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    "path",
    [
        "control/state",
        "control",
        "x/../control/state",
        "./control/state",
        "/control/state",
        "x/%2e%2e/control/state",
    ],
)
def test_its_control_is_out_of_reach(person, unreachable, path):
    assert get(person, path).status_code == 404


def test_twice_encoded_dots_do_not_reach_its_control(person, built_in):
    assert get(person, "x/%252e%252e/control/state").status_code == 404


@pytest.fixture
def video(built_in, tmp_path):
    """Bytes that maple.bakery has in the inbox."""
    built_in.control.reset()
    built_in.control.settings(processing_s=0.0, moderation_s=0.0)
    built_in.control.add_creator("maple.bakery")
    token = built_in.control.issue_tokens("maple.bakery")["access_token"]
    content = make_mp4(tmp_path / "video.mp4").read_bytes()
    source = {
        "source": "FILE_UPLOAD",
        "video_size": len(content),
        "chunk_size": len(content),
        "total_chunk_count": 1,
    }
    begun = requests.post(
        f"{built_in.base_url}/v2/post/publish/inbox/video/init/",
        json={"source_info": source},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    ).json()["data"]
    headers = {
        "Content-Type": "video/mp4",
        "Content-Range": f"bytes 0-{len(content) - 1}/{len(content)}",
    }
    # The address is that of our site, which does not run here.
    path = urlsplit(begun["upload_url"])._replace(scheme="", netloc="").geturl()
    sent = requests.put(f"{built_in.base_url}{path}", content, headers=headers, timeout=10)
    assert sent.status_code == 201
    return content


def source_of_video(client):
    """Where the creator's page says that the video is."""
    page = body_of(get(client, "@maple.bakery")).decode()
    return re.search(r'<video [^>]*src="/simulator/([^"]+)"', page)[1]


def test_a_posted_video_can_be_played(person, video):
    assert body_of(get(person, source_of_video(person))) == video


def test_a_player_can_seek_in_a_posted_video(person, video):
    response = get(person, source_of_video(person), headers={"Range": "bytes=100-199"})

    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes 100-199/{len(video)}"
    assert body_of(response) == video[100:200]


def test_an_unknown_page_keeps_its_status(person, built_in):
    assert get(person, "nowhere").status_code == 404


def test_anonymous_people_sign_in_first(client, built_in):
    assert get(client, "").url.startswith(reverse("account_login"))


def test_without_the_built_in_simulator_there_is_no_such_page(person, built_in, settings):
    settings.SIMULATOR_IS_BUILT_IN = False

    assert get(person, "").status_code == 404


def test_other_methods_are_refused(person, built_in):
    assert person.put("/simulator/upload").status_code == 405


def test_a_stopped_simulator_is_explained(person, unreachable):
    response = get(person, "")

    assert response.status_code == 502
    assert "The simulator does not answer" in response.content.decode()
