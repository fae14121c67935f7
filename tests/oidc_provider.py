"""An OpenID Connect provider on this machine: discovery, consent at once, tokens, keys.

Written from OpenID Connect Core 1.0 and RFC 7636, not from the client's code. It refuses a wrong
client, a code used twice, another redirect address and a missing or wrong PKCE verifier.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID = "duecast-test"
CLIENT_SECRET = "a-secret-of-the-provider"
KEY_ID = "key-1"


class Provider:
    """What it says of the person who signs in next, and what it has handed out."""

    def __init__(self) -> None:
        self.url = ""
        self.person: dict[str, Any] = {}
        self.refuses_with = ""
        self.key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: set[str] = set()

    def says(self, **claims: Any) -> None:
        """The person who sits at the browser, with a confirmed address unless told otherwise."""
        self.person = {
            "sub": "person-1",
            "email": "mara@example.com",
            "email_verified": True,
            "name": "Mara Lindqvist",
        } | claims

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def jwks(self) -> dict[str, Any]:
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [key | {"kid": KEY_ID, "use": "sig", "alg": "RS256"}]}

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes next."""
        answer = {"state": query["state"]}
        if self.refuses_with:
            answer["error"] = self.refuses_with
        elif query["client_id"] == CLIENT_ID and query["code_challenge_method"] == "S256":
            answer["code"] = secrets.token_urlsafe(16)
            self.codes[answer["code"]] = query
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def exchange(self, sent: dict[str, str]) -> dict[str, Any] | None:
        begun = self.codes.pop(sent.get("code", ""), None)
        verifier = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        is_right = (
            begun is not None
            and (sent.get("client_id"), sent.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
            and sent.get("redirect_uri") == begun["redirect_uri"]
            and challenge == begun["code_challenge"]
        )
        if not is_right:
            return None
        token = secrets.token_urlsafe(16)
        self.tokens.add(token)
        return {"access_token": token, "token_type": "Bearer", "id_token": self._id_token()}

    def _id_token(self) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300} | self.person
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": KEY_ID})


@contextmanager
def running_provider() -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            if address.path == "/.well-known/openid-configuration":
                self.answer(200, provider.configuration())
            elif address.path == "/jwks":
                self.answer(200, provider.jwks())
            elif address.path == "/authorize":
                self.answer(302, {}, Location=provider.authorize(query))
            elif address.path == "/userinfo":
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                is_known = token in provider.tokens
                self.answer(200 if is_known else 401, provider.person if is_known else {})
            else:
                self.answer(404, {})

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            sent = parse_qs(self.rfile.read(length).decode())
            answer = provider.exchange({name: values[0] for name, values in sent.items()})
            self.answer(200 if answer else 400, answer or {"error": "invalid_grant"})

        def answer(self, status: int, body: dict[str, Any], **headers: str) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            """Tests say enough."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield provider
        server.shutdown()
        thread.join()
