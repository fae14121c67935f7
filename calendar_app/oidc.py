"""The one OpenID Connect provider of a site, as allauth wants it described."""

from typing import Any

PROVIDER = "sso"


def oidc_provider(server_url: str, client_id: str, secret: str, name: str) -> dict[str, Any]:
    """allauth's SOCIALACCOUNT_PROVIDERS; `server_url` is the issuer's address."""
    app = {
        "provider_id": PROVIDER,
        "name": name,
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": server_url, "email_authentication": True},
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}
