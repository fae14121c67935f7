import pytest
import requests

from .client import Api, code_of, kinds, post_info, upload_source

MIB = 1 << 20


def init_with(api, source):
    body = {"post_info": post_info(), "source_info": source}
    return api.post("post/publish/video/init", body)


def test_correct_init_gives_id_and_url_without_violation(running, api):
    data = api.init().json()["data"]

    assert data["publish_id"].startswith("v_pub_file~v2-1.")
    assert len(data["publish_id"]) <= 64
    assert len(data["upload_url"]) <= 256
    assert kinds(running) == []


def test_init_moment_is_the_arrival_of_the_request(running, api):
    running.control.inject_fault("slow_before", seconds=0.2, path="*/video/init/")

    api.init()

    post = running.control.posts()[0]
    request = running.control.requests(path="video/init")[0]
    assert post["init_at"] == request["at"]
    assert request["seconds"] >= 0.2


@pytest.mark.parametrize(
    ("size", "chunk", "count"),
    [
        (3_145_728, 3_145_728, 1),
        (5_242_880, 5_242_880, 1),
        (64_000_000, 64_000_000, 1),
        (64_000_001, 32_000_000, 2),
        (127_999_999, 32_000_000, 3),
        (4_294_967_296, 32_000_000, 134),
        (50_000_123, 10_000_000, 5),
    ],
)
def test_documented_chunk_plans_are_accepted(running, api, size, chunk, count):
    assert code_of(init_with(api, upload_source(size, chunk, count))) == "ok"
    assert kinds(running) == []


@pytest.mark.parametrize(
    ("size", "chunk", "count", "message"),
    [
        (50_000_123, 10_000_000, 6, "The total chunk count is invalid"),
        (64_000_001, 64_000_000, 2, "The total chunk count is invalid"),
        (100_000_000, 64_000_000, 1, "The chunk size is invalid"),
        (100_000_000, 100_000_000, 1, "The chunk size is invalid"),
        (20_000_000, 4_000_000, 5, "The chunk size is invalid"),
        (200_000_000, 70_000_000, 2, "The chunk size is invalid"),
        (1_000, 2_000, 1, "The chunk size is invalid"),
        (1_000, 2_000, 0, "The chunk size is invalid"),
        (0, 0, 0, "The video size is invalid"),
        (4096 * MIB + 1, 32_000_000, 134, "The video size is invalid"),
    ],
)
def test_wrong_chunk_plans_are_refused(running, api, size, chunk, count, message):
    answer = init_with(api, upload_source(size, chunk, count))

    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == message
    assert kinds(running) == ["wrong_chunk_plan"]


def test_plan_legal_under_one_reading_of_mb_is_a_violation(running, api):
    assert code_of(init_with(api, upload_source(20_000_000, 5_000_000, 4))) == "ok"
    assert kinds(running) == ["chunk_outside_safe_zone"]


def test_many_chunks_may_be_refused_for_an_app(running, api):
    running.control.settings(refuses_many_chunks=True)

    answer = init_with(api, upload_source(64_000_001, 32_000_000, 2))

    assert answer.json()["error"]["message"] == "The total chunk count is invalid"
    assert kinds(running) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"privacy_level": None},
        {"privacy_level": "EVERYONE"},
        {"title": "😀" * 1101},
        {"title": 5},
        {"disable_comment": "true"},
        {"video_cover_timestamp_ms": "0"},
        {"privacy_level": "SELF_ONLY", "brand_content_toggle": True},
    ],
)
def test_wrong_post_info_is_refused(running, api, changes):
    answer = api.init(**changes)

    assert (answer.status_code, code_of(answer)) == (400, "invalid_params")
    assert kinds(running) != []


def test_caption_of_2200_utf16_units_is_accepted(api):
    assert code_of(api.init(title="😀" * 1100)) == "ok"


def test_refusals_follow_the_spelling_that_is_set(running, api):
    running.control.settings(invalid_param_code="invalid_param")

    assert code_of(api.init(privacy_level=None)) == "invalid_param"


def test_unknown_field_is_accepted_and_noted(running, api):
    assert code_of(api.init(schedule_time=1)) == "ok"
    assert kinds(running) == ["unknown_field"]


def test_missing_toggle_is_accepted_and_noted(running, api):
    assert code_of(api.init(brand_content_toggle=None)) == "ok"
    assert kinds(running) == ["missing_toggle"]


def test_level_not_offered_is_a_mismatch(api):
    answer = api.init(privacy_level="FOLLOWER_OF_CREATOR")

    assert (answer.status_code, code_of(answer)) == (403, "privacy_level_option_mismatch")


def test_banned_creator_is_refused(running, api):
    running.control.add_creator("maple.bakery", is_banned=True)

    answer = api.init()

    assert (answer.status_code, code_of(answer)) == (403, "spam_risk_user_banned_from_posting")


@pytest.mark.parametrize("body", ["not json", "[]"])
def test_body_must_be_a_json_object(running, api, body):
    api.headers["Content-Type"] = "application/json"
    answer = requests.post(
        f"{running.base_url}/v2/post/publish/video/init/",
        data=body,
        headers=api.headers,
        timeout=30,
    )

    assert code_of(answer) == "invalid_params"
    assert kinds(running) == ["bad_json"]


def test_wrong_content_type_is_refused(running, api):
    api.headers["Content-Type"] = "text/plain"

    assert code_of(api.init()) == "invalid_params"
    assert kinds(running) == ["wrong_content_type"]


@pytest.mark.parametrize(
    ("creator", "level"),
    [
        ("maple.bakery", "PUBLIC_TO_EVERYONE"),
        ("maple.bakery", "SELF_ONLY"),
        ("quiet.studio", "MUTUAL_FOLLOW_FRIENDS"),
    ],
)
def test_unaudited_client_is_refused(running, creator, level):
    running.control.settings(audited=False)

    answer = Api(running, creator).init(privacy_level=level)

    assert answer.status_code == 403
    assert code_of(answer) == "unaudited_client_can_only_post_to_private_accounts"


def test_unaudited_client_posts_privately_to_a_private_account(running, private_api):
    running.control.settings(audited=False)

    assert code_of(private_api.init(privacy_level="SELF_ONLY")) == "ok"


def test_what_the_account_forbids_is_forced_on(running):
    Api(running, "hushed.gallery").init(disable_comment=False)

    assert running.control.posts()[0]["post_info"]["disable_comment"]


def test_inbox_init_takes_only_the_source(running, api):
    data = api.inbox_init().json()["data"]
    body = {"source_info": upload_source(1000), "post_info": {"title": "x"}}
    api.post("post/publish/inbox/video/init", body)

    assert data["publish_id"].startswith("v_inbox_file~v2.")
    assert kinds(running) == ["unknown_field"]


def test_direct_scope_does_not_open_the_inbox(running):
    answer = Api(running, "maple.bakery", "video.publish").inbox_init()

    assert code_of(answer) == "scope_not_authorized"
