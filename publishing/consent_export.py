"""The consent records of a post as a file for whoever has to prove them; docs/consent.md."""

from datetime import UTC, datetime
from typing import Any

from publishing.models import Consent, Post

# A new number when a key changes its meaning or goes; new keys alone need none.
FORMAT = "duecast-consent/1"


def consent_export(post: Post, now: datetime) -> dict[str, Any]:
    """All records of the post, newest first, and what they are compared with."""
    records = post.consents.select_related("person").order_by("-given_at", "-id")
    return {
        "format": FORMAT,
        "exported_at": _moment(now),
        "post": {
            "id": post.pk,
            "team": str(post.team),
            "kind": post.kind,
            "mode": post.mode,
            "state": post.state,
            "title": post.title,
            "caption": post.caption,
            "due_at": _moment(post.due_at),
            "published_at": _moment(post.published_at),
            "publish_ids": [
                attempt.publish_id for attempt in post.attempts.all() if attempt.publish_id
            ],
            "public_post_id": post.public_post_id or None,
            "fingerprint": post.fingerprint(),
        },
        "consents": [_record(consent) for consent in records],
    }


def _record(consent: Consent) -> dict[str, Any]:
    return {
        "id": consent.pk,
        "given_at": _moment(consent.given_at),
        "person_email": consent.person_email,
        "person_name": consent.person.name if consent.person else None,
        "account": {"open_id": consent.open_id, "nickname_shown": consent.nickname_shown},
        "declaration": {
            "version": consent.declaration_version,
            "text": consent.declaration,
            "links": consent.declaration_links,
        },
        "options_offered": consent.options_offered,
        "choices": consent.choices,
        "media_sha256s": consent.media_sha256s,
        "title_sha256": consent.title_sha256 or None,
        "caption_sha256": consent.caption_sha256,
        "fingerprint": consent.fingerprint,
        "state": "voided" if consent.voided_at else "valid",
        "voided_at": _moment(consent.voided_at),
        "voided_reason": consent.voided_reason or None,
    }


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
