"""Token calls: exchange, refresh with rotation, revoke (contract 3.4 to 3.7)."""

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from simulator.records import Code, Token
from simulator.wire import OAuthRefusal, Request, Response, json_response

if TYPE_CHECKING:
    from simulator.app import Simulator

EXCHANGE_FIELDS = {
    "client_key",
    "client_secret",
    "code",
    "grant_type",
    "redirect_uri",
    "code_verifier",
}
REFRESH_FIELDS = {"client_key", "client_secret", "grant_type", "refresh_token"}
REVOKE_FIELDS = {"client_key", "client_secret", "token"}


def token(sim: "Simulator", request: Request) -> Response:
    """POST /v2/oauth/token/"""
    form = _read_form(sim, request)
    grant_type = form.get("grant_type", "")
    known = {"authorization_code": EXCHANGE_FIELDS, "refresh_token": REFRESH_FIELDS}
    if grant_type not in known:
        sim.violate(request, "unsupported_grant_type", repr(grant_type))
        raise OAuthRefusal("unsupported_grant_type", "The grant type is not supported.")
    _check_fields(sim, request, form, known[grant_type])
    _check_client(sim, request, form)
    if grant_type == "refresh_token":
        return _refresh(sim, request, form)
    return _exchange(sim, request, form)


def revoke(sim: "Simulator", request: Request) -> Response:
    """POST /v2/oauth/revoke/: the whole grant of an access token dies; the answer is empty."""
    form = _read_form(sim, request)
    _check_fields(sim, request, form, REVOKE_FIELDS)
    _check_client(sim, request, form)
    found = sim.store.tokens.get(form.get("token", ""))
    if found is None:
        raise OAuthRefusal("invalid_request", "The token is unknown.")
    with sim.store.lock:
        kill_grant(sim, found.grant, "revoked by the client", told=True)
    sim.webhooks.authorization_removed(sim.store.creators[found.creator], reason=5)
    return Response(200)


def issue(
    sim: "Simulator", creator: str, scopes: list[str], now: float, grant: str, refresh_ends: float
) -> tuple[Token, Token]:
    """A new access and refresh token, saved."""
    access = Token(
        token="act." + secrets.token_urlsafe(40),
        kind="access",
        creator=creator,
        scopes=scopes,
        grant=grant,
        issued_at=now,
        expires_at=now + sim.settings.access_token_life_s,
    )
    refresh = Token(
        token="rft." + secrets.token_urlsafe(40),
        kind="refresh",
        creator=creator,
        scopes=scopes,
        grant=grant,
        issued_at=now,
        expires_at=refresh_ends,
    )
    sim.store.save(access, refresh)
    return access, refresh


def new_grant(sim: "Simulator", creator: str, scopes: list[str], now: float) -> tuple[Token, Token]:
    """What an exchange gives: the first pair of a grant."""
    grant = f"grant-{sim.store.next_number()}"
    return issue(sim, creator, scopes, now, grant, now + sim.settings.refresh_token_life_s)


def kill_grant(sim: "Simulator", grant: str, why: str, told: bool = False) -> None:
    """All tokens of a grant die at once."""
    for each in list(sim.store.tokens.values()):
        if each.grant == grant and not each.dead_because:
            each.dead_because = why
            each.told_dead = told
            sim.store.save(each)


def token_body(sim: "Simulator", access: Token, refresh: Token, now: float) -> dict[str, object]:
    """The flat success answer of contract 3.4."""
    return {
        "open_id": sim.store.creators[access.creator].open_id,
        "scope": ",".join(access.scopes),
        "access_token": access.token,
        "expires_in": int(access.expires_at - now),
        "refresh_token": refresh.token,
        "refresh_expires_in": int(refresh.expires_at - now),
        "token_type": "Bearer",
    }


def _exchange(sim: "Simulator", request: Request, form: dict[str, str]) -> Response:
    with sim.store.lock:
        code = sim.store.codes.get(form.get("code", ""))
        if code is None:
            sim.violate(request, "unknown_code", "this code was never issued")
            raise OAuthRefusal("invalid_grant", "Authorization code is invalid.")
        request.creator = code.creator
        _check_code(sim, request, code, form)
        code.used = True
        sim.store.save(code)
        access, refresh = new_grant(sim, code.creator, code.scopes, request.arrived_at)
    return _pair_response(sim, access, refresh, request.arrived_at)


def _check_code(sim: "Simulator", request: Request, code: Code, form: dict[str, str]) -> None:
    if code.used:
        sim.violate(request, "code_used_twice", "a code serves once")
        raise OAuthRefusal("invalid_grant", "Authorization code was used already.")
    if request.arrived_at > code.expires_at:
        raise OAuthRefusal("invalid_grant", "Authorization code is expired.")
    if form.get("redirect_uri") != code.redirect_uri:
        sim.violate(request, "redirect_uri_mismatch", "differs from the authorize call")
        raise OAuthRefusal("invalid_grant", "The redirect_uri does not match.")
    if code.challenge:
        verifier = form.get("code_verifier", "")
        if hashlib.sha256(verifier.encode()).hexdigest() != code.challenge:
            sim.violate(request, "bad_code_verifier", "its hex SHA-256 is not the challenge")
            raise OAuthRefusal("invalid_grant", "Code verifier or code challenge is invalid.")


def _refresh(sim: "Simulator", request: Request, form: dict[str, str]) -> Response:
    now = request.arrived_at
    with sim.store.lock:
        old = sim.store.tokens.get(form.get("refresh_token", ""))
        if old is None or old.kind != "refresh":
            sim.violate(request, "unknown_token", "no refresh token that was ever issued")
            raise OAuthRefusal("invalid_grant", "Refresh token is invalid.")
        request.creator = old.creator
        if old.dead_because or now >= old.expires_at:
            _blame_dead_refresh(sim, request, old)
            raise OAuthRefusal("invalid_grant", "Refresh token is expired or revoked.")
        ends = old.expires_at
        if sim.settings.refresh_restarts_life:
            ends = now + sim.settings.refresh_token_life_s
        access, refresh = issue(sim, old.creator, old.scopes, now, old.grant, ends)
        old.dead_because, old.successor = "rotated", refresh.token
        sim.store.save(old)
    return _pair_response(sim, access, refresh, now)


def _blame_dead_refresh(sim: "Simulator", request: Request, old: Token) -> None:
    successor = sim.store.tokens.get(old.successor)
    if successor is not None:
        if successor.delivered:
            sim.violate(request, "old_refresh_token", "a newer refresh token was handed out")
    elif old.told_dead or not old.dead_because:
        sim.violate(request, "dead_token", f"refresh token is {old.dead_because or 'expired'}")
    old.told_dead = True
    sim.store.save(old)


def _pair_response(sim: "Simulator", access: Token, refresh: Token, now: float) -> Response:
    def lose() -> None:
        access.delivered = refresh.delivered = False
        sim.store.save(access, refresh)

    response = json_response(token_body(sim, access, refresh, now))
    response.headers["Cache-Control"] = "no-store"
    response.on_lost = lose
    return response


def _read_form(sim: "Simulator", request: Request) -> dict[str, str]:
    if request.content_type != "application/x-www-form-urlencoded":
        sim.violate(request, "wrong_content_type", f"{request.content_type!r}, not a form")
        raise OAuthRefusal("invalid_request", "Only application/x-www-form-urlencoded is accepted.")
    if request.headers.get("Authorization"):
        sim.violate(request, "basic_auth", "token calls carry no Authorization header")
    form = request.form()
    repeated = [name for name, values in form.items() if len(values) > 1]
    if repeated:
        sim.violate(request, "repeated_parameter", ", ".join(repeated))
        raise OAuthRefusal("invalid_request", "A parameter is repeated.")
    return {name: values[0] for name, values in form.items()}


def _check_fields(
    sim: "Simulator", request: Request, form: dict[str, str], known: set[str]
) -> None:
    unknown = form.keys() - known
    if unknown:
        sim.violate(request, "unknown_field", ", ".join(sorted(unknown)))
    missing = known - {"code_verifier"} - {name for name, value in form.items() if value}
    if missing:
        sim.violate(request, "missing_parameter", ", ".join(sorted(missing)))
        raise OAuthRefusal("invalid_request", f"Missing: {', '.join(sorted(missing))}.")


def _check_client(sim: "Simulator", request: Request, form: dict[str, str]) -> None:
    key_fits = hmac.compare_digest(form["client_key"].encode(), sim.options.client_key.encode())
    secret_fits = hmac.compare_digest(
        form["client_secret"].encode(), sim.options.client_secret.encode()
    )
    if not (key_fits and secret_fits):
        sim.violate(request, "wrong_client", "client_key or client_secret is wrong")
        raise OAuthRefusal("invalid_client", "Client key or secret is incorrect.")
