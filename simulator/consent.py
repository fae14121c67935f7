"""The consent page and the way back to the client (contract 3.1 to 3.3)."""

import re
import secrets
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from simulator.html import page
from simulator.records import Code, Creator
from simulator.wire import Request, Response, redirect

if TYPE_CHECKING:
    from simulator.app import Simulator

SCOPES = {
    "user.info.basic": "Read your profile info (avatar, display name)",
    "user.info.profile": "Read your additional profile info (bio, username)",
    "user.info.stats": "Read your profile engagement statistics",
    "video.list": "Read your public videos on TikTok",
    "video.publish": "Post content to TikTok.",
    "video.upload": "Share content as a draft to your TikTok account.",
}
PARAMETERS = {
    "client_key",
    "response_type",
    "scope",
    "redirect_uri",
    "state",
    "disable_auto_auth",
    "code_challenge",
    "code_challenge_method",
}
COOKIE = "simulator_session"
LOCAL_REDIRECT = re.compile(r"https?://(localhost|127\.0\.0\.1)(:\d+)?(/.*)?")


class BadAuthorize(Exception):
    """The call is so wrong that the person must not be sent back to the client."""


def show(sim: "Simulator", request: Request) -> Response:
    """GET /v2/auth/authorize/"""
    asked = {name: values[0] for name, values in request.query.items()}
    try:
        _check_client(sim, request, asked)
        problem = _problem(sim, request, asked)
    except BadAuthorize as bad:
        return page(sim, "Cannot connect", f"<h1>Cannot connect</h1><p>{escape(str(bad))}</p>", 400)
    if problem:
        return _send_back(asked, {"error": problem[0], "error_description": problem[1]})
    known = sim.store.creators.get(request.cookies().get(COOKIE, ""))
    scopes = _scopes(asked)
    shows_always = asked.get("disable_auto_auth", "0") == "1"
    if known and not shows_always and set(scopes) <= set(known.granted_scopes):
        return _allow(sim, request, asked, known, scopes)
    return _consent_page(sim, asked, scopes)


def decide(sim: "Simulator", request: Request) -> Response:
    """POST /v2/auth/authorize/decide: what the person chose on the page."""
    form = request.form()
    asked = {name: form[name][0] for name in PARAMETERS if name in form}
    try:
        _check_client(sim, request, asked)
    except BadAuthorize as bad:
        return page(sim, "Cannot connect", f"<p>{escape(str(bad))}</p>", 400)
    creator = sim.store.creators.get(form.get("creator", [""])[0])
    if form.get("decision", [""])[0] != "allow":
        refusal = {
            "error": "access_denied",
            "error_description": "User cancelled the authorization",
        }
        return _send_back(asked, refusal)
    if creator is None:
        return page(sim, "Choose a creator", "<p>Go back and choose a creator.</p>", 400)
    if not creator.is_sandbox_target:
        refusal = {"error": "access_denied", "error_type": "non_sandbox_target"}
        return _send_back(asked, refusal | {"error_description": "Not a sandbox target user"})
    allowed = [s for s in _scopes(asked) if s in form.get("granted", [])]
    return _allow(sim, request, asked, creator, allowed)


def redirect_is_allowed(sim: "Simulator", uri: str) -> bool:
    """Absolute, under 512 characters, no query or fragment, under a registered prefix."""
    if len(uri) >= 512 or "?" in uri or "#" in uri:
        return False
    if sim.options.redirect_prefixes:
        return any(uri.startswith(prefix) for prefix in sim.options.redirect_prefixes)
    return LOCAL_REDIRECT.fullmatch(uri) is not None


def _check_client(sim: "Simulator", request: Request, asked: dict[str, str]) -> None:
    unknown = request.query.keys() - PARAMETERS
    if unknown:
        sim.violate(request, "unknown_field", ", ".join(sorted(unknown)))
    if any(len(values) > 1 for values in request.query.values()):
        sim.violate(request, "repeated_parameter", "an authorize parameter is repeated")
        raise BadAuthorize("A parameter is repeated (invalid_request).")
    if asked.get("client_key") != sim.options.client_key:
        sim.violate(request, "wrong_client", "client_key is wrong")
        raise BadAuthorize("The client_key is not correct.")
    if not redirect_is_allowed(sim, asked.get("redirect_uri", "")):
        sim.violate(request, "wrong_redirect_uri", "not a registered redirect_uri")
        raise BadAuthorize("The redirect_uri is not registered for this app.")
    challenge = asked.get("code_challenge", "")
    if (challenge or sim.settings.pkce_required) and not _is_pkce(asked):
        sim.violate(request, "bad_code_challenge", "not S256 with the hex SHA-256 of the verifier")
        raise BadAuthorize("code_challenge is wrong or missing (errCode=10007).")


def _is_pkce(asked: dict[str, str]) -> bool:
    is_hex = re.fullmatch(r"[0-9a-f]{64}", asked.get("code_challenge", "")) is not None
    return is_hex and asked.get("code_challenge_method") == "S256"


def _problem(sim: "Simulator", request: Request, asked: dict[str, str]) -> tuple[str, str] | None:
    """An error that goes back to the client, with its description."""
    problem = None
    unknown = [s for s in _scopes(asked) if s not in SCOPES]
    if asked.get("response_type") != "code":
        problem = ("unsupported_response_type", "response_type must be code")
    elif not asked.get("state"):
        problem = ("invalid_request", "state is missing")
    elif not _scopes(asked) or unknown:
        problem = ("invalid_scope", f"unknown scopes: {' '.join(unknown)}")
    elif asked.get("disable_auto_auth", "0") not in ("0", "1"):
        problem = ("invalid_request", "disable_auto_auth must be 0 or 1")
    if problem:
        sim.violate(request, problem[0], problem[1])
    return problem


def _scopes(asked: dict[str, str]) -> list[str]:
    return [s for s in asked.get("scope", "").split(",") if s]


def _send_back(asked: dict[str, str], answer: dict[str, str]) -> Response:
    query = urlencode(answer | {"state": asked.get("state", "")})
    return redirect(f"{asked['redirect_uri']}?{query}")


def _allow(
    sim: "Simulator", request: Request, asked: dict[str, str], creator: Creator, scopes: list[str]
) -> Response:
    request.creator = creator.username
    code = Code(
        # Real codes contain * and !, which trips clients that decode twice or not at all.
        code=f"{secrets.token_urlsafe(36)}*{secrets.randbelow(9)}!{secrets.token_hex(2)}.va",
        creator=creator.username,
        scopes=scopes,
        redirect_uri=asked["redirect_uri"],
        challenge=asked.get("code_challenge", ""),
        expires_at=request.arrived_at + sim.settings.code_life_s,
    )
    creator.granted_scopes = scopes
    sim.store.save(code, creator)
    response = _send_back(asked, {"code": code.code, "scopes": ",".join(scopes)})
    response.headers["Set-Cookie"] = (
        f"{COOKIE}={creator.username}; Path={sim.base_path}/v2/auth/; HttpOnly; SameSite=Lax"
    )
    return response


def _consent_page(sim: "Simulator", asked: dict[str, str], scopes: list[str]) -> Response:
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in asked.items()
        if name in PARAMETERS
    )
    creators = "".join(
        _creator_choice(sim, c, index == 0) for index, c in enumerate(sim.store.creators.values())
    )
    boxes = "".join(
        f'<label class="row"><input type="checkbox" name="granted" value="{scope}" checked>'
        f"<span>{escape(SCOPES[scope])} <code>{scope}</code></span></label>"
        for scope in scopes
    )
    body = (
        "<h1>Connect a creator</h1>"
        "<p>An app wants access. The answer goes to "
        f"<code>{escape(asked['redirect_uri'])}</code>.</p>"
        f'<form method="post" action="{sim.base_path}/v2/auth/authorize/decide">{hidden}'
        f"<fieldset><legend>Creator</legend>{creators}</fieldset>"
        f"<fieldset><legend>Allow the app to</legend>{boxes}</fieldset>"
        '<p class="actions"><button name="decision" value="allow">Allow</button> '
        '<button name="decision" value="refuse" class="quiet">Refuse</button></p></form>'
    )
    target = urlsplit(asked["redirect_uri"])
    # Chromium applies form-action to the redirect that follows a form, too.
    return page(sim, "Connect", body, form_target=f"{target.scheme}://{target.netloc}")


def _creator_choice(sim: "Simulator", creator: Creator, is_first: bool) -> str:
    checked = " checked" if is_first else ""
    name = escape(creator.username)
    return (
        f'<label class="row"><input type="radio" name="creator" value="{name}"{checked}>'
        f'<img src="{sim.base_path}/avatars/{name}.png" width="40" height="40" alt="">'
        f"<span>{escape(creator.nickname)} <code>@{name}</code></span></label>"
    )
