import pytest

from .client import Api, code_of, wait_for


def published(api, count):
    ids = []
    for number in range(count):
        publish_id = api.publish(title=f"Post {number}")
        ids.append(str(api.ended(publish_id)["publicaly_available_post_id"][0]))
    return ids


def videos(api, path="video/list", body=None, fields="id,title,share_url,create_time"):
    return api.post(path, body, params={"fields": fields})


def test_list_shows_public_posts_newest_first(running, api):
    ids = published(api, 2)
    hidden = api.publish(privacy_level="SELF_ONLY")
    wait_for(lambda: api.status(hidden)["status"] == "PUBLISH_COMPLETE")

    data = videos(api).json()["data"]

    assert [v["id"] for v in data["videos"]] == ids[::-1]
    assert not data["has_more"]


def test_list_goes_on_from_the_cursor(api):
    ids = published(api, 3)

    first = videos(api, body={"max_count": 2}).json()["data"]
    rest = videos(api, body={"max_count": 2, "cursor": first["cursor"]}).json()["data"]

    assert first["has_more"]
    assert [v["id"] for v in rest["videos"]] == ids[:1]


def test_query_gives_only_the_users_own_videos(running, api):
    [mine] = published(api, 1)
    [foreign] = published(Api(running, "northwind.bikes"), 1)

    answer = videos(api, "video/query", {"filters": {"video_ids": [mine, foreign, "1"]}})

    assert [v["id"] for v in answer.json()["data"]["videos"]] == [mine]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("video/list", {"max_count": 21}),
        ("video/list", {"max_count": 0}),
        ("video/query", {}),
        ("video/query", {"filters": {"video_ids": [str(n) for n in range(21)]}}),
    ],
)
def test_out_of_range_bodies_are_refused(api, path, body):
    assert code_of(videos(api, path, body)) == "invalid_params"


@pytest.mark.parametrize("fields", ["", "id,saves"])
def test_fields_must_be_known(api, fields):
    assert code_of(videos(api, fields=fields)) == "invalid_params"


def test_list_needs_its_scope(running):
    answer = videos(Api(running, "maple.bakery", "video.publish"))

    assert code_of(answer) == "scope_not_authorized"
