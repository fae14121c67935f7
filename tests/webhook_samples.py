"""Webhooks as TikTok sends them: bodies, and their signatures by the contract's own words."""

import hashlib
import hmac
import json
import time
from typing import Any


def webhook_body(client_key: str, event: str = "post.publish.complete", **values: Any) -> bytes:
    """An event's body; `content` is its inner object, the rest goes to the envelope."""
    content = values.pop("content", {"publish_id": "v_pub_file~v2-1.123"})
    envelope = {
        "client_key": client_key,
        "event": event,
        "create_time": 1770210873,
        "user_openid": "-000abc",
        "content": json.dumps(content),
    }
    return json.dumps(envelope | values).encode()


def signature_of(body: bytes, secret: str, at_s: float | None = None) -> str:
    signed_s = int(time.time() if at_s is None else at_s)
    mac = hmac.new(secret.encode(), f"{signed_s}.".encode() + body, hashlib.sha256)
    return f"t={signed_s},s={mac.hexdigest()}"
