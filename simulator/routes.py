"""Which path is answered by what."""

import re

from simulator import (
    consent,
    control_api,
    creators,
    media,
    oauth,
    pages,
    publishing,
    status,
    uploads,
    videos,
)
from simulator.app import Handler, Route, Simulator
from simulator.wire import Request, Response, json_response

NAME = r"(?P<username>[^/]+)"


def healthz(sim: Simulator, request: Request) -> Response:
    return json_response({"ok": True})


def _tiktok(method: str, path: str, handler: Handler, streams: bool = False) -> Route:
    return Route(method, re.compile(re.escape(path).rstrip("/") + "/?"), handler, streams)


def _local(method: str, pattern: str, handler: Handler) -> Route:
    return Route(method, re.compile(pattern), handler, is_tiktok=False)


ROUTES = [
    _tiktok("GET", "/v2/auth/authorize/", consent.show),
    _tiktok("POST", "/v2/auth/authorize/decide", consent.decide),
    _tiktok("POST", "/v2/oauth/token/", oauth.token),
    _tiktok("POST", "/v2/oauth/revoke/", oauth.revoke),
    _tiktok("GET", "/v2/user/info/", creators.user_info),
    _tiktok("POST", "/v2/post/publish/creator_info/query/", creators.creator_info),
    _tiktok("POST", "/v2/post/publish/video/init/", publishing.video_init),
    _tiktok("POST", "/v2/post/publish/inbox/video/init/", publishing.inbox_init),
    _tiktok("POST", "/v2/post/publish/content/init/", publishing.content_init),
    _tiktok("POST", "/v2/post/publish/status/fetch/", status.fetch),
    _tiktok("POST", "/v2/post/publish/cancel/", status.cancel),
    _tiktok("POST", "/v2/video/list/", videos.list_videos),
    _tiktok("POST", "/v2/video/query/", videos.query_videos),
    _tiktok("PUT", "/upload", uploads.put, streams=True),
    _local("GET", r"/healthz", healthz),
    _local("GET", r"/", pages.index),
    _local("GET", r"/simulator\.css", pages.stylesheet),
    _local("GET", rf"/@{NAME}/?", pages.profile),
    _local("GET", rf"/@{NAME}/(?:video|photo)/(?P<post_id>\d+)", pages.profile),
    _local("GET", r"/avatars/(?P<username>[^/]+)\.png", creators.avatar),
    _local("GET", r"/media/(?P<number>\d+)/(?P<name>[a-z0-9-]+)", media.show),
    _local("POST", r"/drafts/(?P<number>\d+)", pages.finish_draft),
    *(
        _local(method, rf"/control/(?P<rest>{pattern})", control_api.guarded(handler))
        for method, pattern, handler in control_api.CALLS
    ),
]
