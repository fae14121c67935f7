from django.conf import settings

from tiktok.app import App

BASIC_SCOPE = "user.info.basic"
PUBLISH_SCOPE = "video.publish"
INBOX_SCOPE = "video.upload"
VIDEO_LIST_SCOPE = "video.list"


def tiktok_app() -> App:
    """Who we are to TikTok and where TikTok is, from the settings."""
    return App(
        client_key=settings.TIKTOK_CLIENT_KEY,
        client_secret=settings.TIKTOK_CLIENT_SECRET,
        api_url=settings.TIKTOK_API_URL,
        authorize_url=settings.TIKTOK_AUTHORIZE_URL,
        uses_pkce=settings.TIKTOK_USES_PKCE,
        connect_timeout_s=settings.TIKTOK_CONNECT_TIMEOUT_S,
        read_timeout_s=settings.TIKTOK_READ_TIMEOUT_S,
    )


def asked_scopes() -> tuple[str, ...]:
    """The permissions a creator is asked for. Source: scopes-overview."""
    inbox = (INBOX_SCOPE,) if settings.TIKTOK_OFFERS_INBOX else ()
    videos = (VIDEO_LIST_SCOPE,) if settings.TIKTOK_LISTS_VIDEOS else ()
    return (BASIC_SCOPE, PUBLISH_SCOPE, *inbox, *videos)
