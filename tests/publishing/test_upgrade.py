"""Posts that people agreed to before an upgrade go out after it."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.timezone import now as current_moment

from publishing.consent import has_valid_consent
from publishing.models import MediaKind, Post
from publishing.states import State
from tests.factories import make_account, make_member

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = ("publishing", "0003_upload")
CHOICES = {
    "mode": "direct",
    "privacy_level": "SELF_ONLY",
    "allow_comment": True,
    "allow_duet": False,
    "allow_stitch": False,
    "discloses_content": False,
    "is_your_brand": False,
    "is_branded_content": False,
    "is_ai_generated": False,
    "cover_timestamp_ms": None,
}


def migrate(*targets: tuple[str, str]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets))
    return MigrationExecutor(connection).loader.project_state(list(targets)).apps


@pytest.fixture
def before() -> Iterator[Any]:
    """The models as they were before photos; the present tables are there again afterwards."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        yield migrate(BEFORE)
    finally:
        migrate(*newest)


def test_a_scheduled_post_keeps_its_consent(before):
    account, now = make_account(), current_moment()
    author = make_member(account.team).user
    media = before.get_model("publishing", "MediaAsset").objects.create(
        team_id=account.team_id,
        kind="video",
        file="video.mp4",
        original_name="video.mp4",
        content_type="video/mp4",
        size_bytes=1,
        sha256="ab" * 32,
        width_px=720,
        height_px=1280,
    )
    post = before.get_model("publishing", "Post").objects.create(
        team_id=account.team_id,
        account_id=account.pk,
        author_id=author.pk,
        media=media,
        caption="Fresh rolls",
        state="scheduled",
        due_at=now,
        next_action_at=now,
        **CHOICES,
    )
    content = {
        "open_id": account.open_id,
        "media_sha256": media.sha256,
        "caption": "Fresh rolls",
        **CHOICES,
    }
    before.get_model("publishing", "Consent").objects.create(
        post=post,
        person_id=author.pk,
        person_email=author.email,
        given_at=now,
        open_id=account.open_id,
        media_sha256=media.sha256,
        caption_sha256="cd" * 32,
        fingerprint=hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest(),
    )

    migrate(*MigrationExecutor(connection).loader.graph.leaf_nodes())

    kept = Post.objects.get(pk=post.pk)
    assert (kept.state, kept.kind) == (State.SCHEDULED, MediaKind.VIDEO)
    assert has_valid_consent(kept)
    assert kept.consents.get().media_sha256s == ["ab" * 32]
