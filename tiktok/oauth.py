"""Login Kit: consent link, tokens, revocation.

Sources: login-kit-web, login-kit-desktop, oauth-user-access-token-management,
oauth-refresh-a-user-access-token, oauth-error-handling.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tiktok.app import App
from tiktok.replies import Reply, error_in, error_parts, is_success, json_object, unreadable
from tiktok.transport import Answer, Outgoing, send


@dataclass(frozen=True)
class TokenGrant:
    """A token pair. Both lifetimes are what remains, in seconds, and differ between apps."""

    open_id: str
    scopes: frozenset[str]
    access_token: str = field(repr=False)
    expires_in_s: int
    refresh_token: str = field(repr=False)
    refresh_expires_in_s: int


def new_code_verifier() -> str:
    """A fresh PKCE verifier of 64 characters."""
    return secrets.token_urlsafe(48)


def code_challenge(verifier: str) -> str:
    """Lower-case hex, where RFC 7636 has base64url. Source: login-kit-desktop."""
    return hashlib.sha256(verifier.encode("ascii")).hexdigest()


def authorize_link(
    app: App,
    *,
    scopes: Iterable[str],
    redirect_uri: str,
    state: str,
    force_consent: bool,
    code_verifier: str | None = None,
) -> str:
    """The address of TikTok's consent page. Source: login-kit-web.

    Without `force_consent` the account already signed in at tiktok.com may be connected
    again silently. Raises ValueError when the app uses PKCE and no verifier is given.
    """
    params = {
        "client_key": app.client_key,
        "response_type": "code",
        "scope": ",".join(scopes),
        "redirect_uri": redirect_uri,
        "state": state,
        "disable_auto_auth": "1" if force_consent else "0",
    }
    if code_verifier is not None:
        params["code_challenge"] = code_challenge(code_verifier)
        params["code_challenge_method"] = "S256"
    elif app.uses_pkce:
        raise ValueError("this app uses PKCE: pass the code_verifier")
    return f"{app.authorize_url}?{urlencode(params)}"


def exchange_code(
    app: App, *, code: str, redirect_uri: str, code_verifier: str | None = None
) -> TokenGrant:
    """Turns the callback's code, already URL-decoded, into tokens.

    Raises InvalidGrant for a dead code. Source: oauth-user-access-token-management.
    """
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    if code_verifier is not None:
        form["code_verifier"] = code_verifier
    return _grant(_post(app, "/v2/oauth/token/", form, hidden=(code, code_verifier or "")))


def refresh_token(app: App, *, refresh_token: str) -> TokenGrant:
    """A new pair. The sent refresh token is dead from then on: store the pair first.

    Raises InvalidGrant when the sent one is dead. Source: oauth-refresh-a-user-access-token.
    """
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return _grant(_post(app, "/v2/oauth/token/", form, hidden=(refresh_token,)))


def revoke_token(app: App, *, access_token: str) -> None:
    """Ends our access to the account. Source: oauth-user-access-token-management."""
    answer = _post(app, "/v2/oauth/revoke/", {"token": access_token}, hidden=(access_token,))
    if is_success(answer) and not answer.body.strip():
        return
    envelope = json_object(answer)
    if envelope is None:
        raise unreadable(answer)
    if not is_success(answer) or error_parts(envelope)[0] not in ("", "ok"):
        raise error_in(answer, envelope)


def _post(app: App, path: str, form: Mapping[str, str], hidden: tuple[str, ...]) -> Answer:
    fields = {"client_key": app.client_key, "client_secret": app.client_secret, **form}
    headers = {"Cache-Control": "no-cache"}
    outgoing = Outgoing(
        "POST", app.endpoint(path), headers, data=fields, secrets=(app.client_secret, *hidden)
    )
    return send(app, outgoing)


def _grant(answer: Answer) -> TokenGrant:
    envelope = json_object(answer)
    if envelope is None:
        raise unreadable(answer)
    # The status says nothing here: errors are reported to arrive with HTTP 200.
    if not envelope.get("access_token"):
        raise error_in(answer, envelope)
    reply = Reply(envelope, error_parts(envelope)[2], answer.http_status)
    scopes = (scope.strip() for scope in reply.optional_text("scope").split(","))
    return TokenGrant(
        open_id=reply.text("open_id"),
        scopes=frozenset(filter(None, scopes)),
        access_token=reply.text("access_token"),
        expires_in_s=reply.integer("expires_in"),
        refresh_token=reply.text("refresh_token"),
        refresh_expires_in_s=reply.integer("refresh_expires_in"),
    )
