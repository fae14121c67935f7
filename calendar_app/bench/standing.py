"""Where an instance's posts stand; a process of its own: `python -m calendar_app.bench.standing`.

Answers with a JSON list of `{"caption", "state", "next_action_at", "note", "publish_ids"}`; the
moment is in epoch seconds or null.
"""

import json
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calendar_app.settings")
django.setup()

from publishing.models import Attempt, Post  # noqa: E402 - needs setup() first


def main() -> None:
    json.dump(standing(), sys.stdout)


def standing() -> list[dict[str, Any]]:
    publish_ids: dict[int, list[str]] = {}
    told = Attempt.objects.exclude(publish_id="").values_list("post_id", "publish_id")
    for post_id, publish_id in told:
        publish_ids.setdefault(post_id, []).append(publish_id)
    return [
        {
            "caption": post.caption,
            "state": post.state,
            "next_action_at": post.next_action_at.timestamp() if post.next_action_at else None,
            "note": post.note,
            "publish_ids": publish_ids.get(post.pk, []),
        }
        for post in Post.objects.only("caption", "state", "next_action_at", "note")
    ]


if __name__ == "__main__":
    main()
