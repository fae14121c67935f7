"""Who may call: bearer tokens, their scopes, and the JSON bodies of API calls."""

from typing import TYPE_CHECKING, Any

from simulator.records import Creator, Token
from simulator.wire import Refusal, Request

if TYPE_CHECKING:
    from simulator.app import Simulator

# A call may be under way when its token ends; only later use counts against the client.
EXPIRY_GRACE_S = 1.0


def authorize(sim: "Simulator", request: Request, *scopes: str) -> tuple[Token, Creator]:
    """The live access token of a request and its creator; one of `scopes` must be granted.

    Raises Refusal: `access_token_invalid` or `scope_not_authorized`.
    """
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    token = sim.store.tokens.get(secret.strip())
    if scheme != "Bearer" or token is None or token.kind != "access":
        sim.violate(request, "unknown_token", "no bearer access token that was ever issued")
        raise Refusal("access_token_invalid", "The access token is invalid or not found.")
    if is_dead(sim, request, token):
        raise Refusal("access_token_invalid", "The access token is expired or revoked.")
    if scopes and not set(scopes) & set(token.scopes):
        sim.violate(request, "scope_not_granted", f"needs {' or '.join(scopes)}")
        raise Refusal("scope_not_authorized", "The user did not authorize the scope required.")
    return token, sim.store.creators[token.creator]


def is_dead(sim: "Simulator", request: Request, token: Token) -> bool:
    """Whether a token no longer serves; using it although one could know is a violation."""
    overdue_s = request.arrived_at - token.expires_at
    if not token.dead_because and overdue_s < 0:
        return False
    if token.told_dead or overdue_s > EXPIRY_GRACE_S:
        why = token.dead_because or "expired"
        sim.violate(request, "dead_token", f"{token.kind} token is {why}")
    token.told_dead = True
    sim.store.save(token)
    return True


def json_object(sim: "Simulator", request: Request, may_be_empty: bool = False) -> dict[str, Any]:
    """The JSON body. Raises Refusal for a wrong content type or body."""
    if request.content_type != "application/json":
        sim.violate(request, "wrong_content_type", f"{request.content_type!r}, not JSON")
        raise invalid(sim, "Content-Type must be application/json.")
    if may_be_empty and not request.body.strip():
        return {}
    try:
        body = request.json()
    except ValueError:
        sim.violate(request, "bad_json", "the body is not JSON")
        raise invalid(sim, "The request body is not valid JSON.") from None
    if not isinstance(body, dict):
        sim.violate(request, "bad_json", "the body is not a JSON object")
        raise invalid(sim, "The request body is not a JSON object.")
    return body


def invalid(sim: "Simulator", message: str) -> Refusal:
    """The general refusal, in the spelling that is set (`invalid_params` or `invalid_param`)."""
    return Refusal(sim.settings.invalid_param_code, message)
