"""Who we are to TikTok, and where TikTok is."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

API_URL = "https://open.tiktokapis.com"
AUTHORIZE_URL = "https://www.tiktok.com/v2/auth/authorize/"


@dataclass(frozen=True)
class App:
    """One registered TikTok app. Raises ValueError when an address is not http(s).

    `trust_env` lets requests read proxies and CA bundles from the environment.
    """

    client_key: str
    client_secret: str = field(repr=False)
    api_url: str = API_URL
    authorize_url: str = AUTHORIZE_URL
    uses_pkce: bool = False
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 30.0
    trust_env: bool = False

    def __post_init__(self) -> None:
        for url in (self.api_url, self.authorize_url):
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValueError("TikTok's addresses must be absolute http or https URLs")

    @property
    def is_api_overridden(self) -> bool:
        """Whether this talks to something else than TikTok itself, such as a simulator."""
        return self.api_url.rstrip("/") != API_URL

    def endpoint(self, path: str) -> str:
        return self.api_url.rstrip("/") + path
