"""Who agreed to a post, to what exactly, and whether it still counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.timezone import now as current_moment
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from calendar_app.access import find_for_member, team_page
from calendar_app.pages.post_choices import Rows, choice_rows, offered_rows
from publishing.consent import (
    Declaration,
    changed_since,
    changed_words,
    content_agreed_to,
    what_changed,
)
from publishing.consent_export import consent_export
from publishing.models import Consent, Mode, Post


@dataclass(frozen=True)
class ConsentCard:
    """A record as the page shows it. `changed` is what was changed after it: until the next
    record, or until now."""

    record: Consent
    declaration: list[tuple[str, str]]
    offered: Rows
    chosen: Rows
    changed: str

    @property
    def is_valid(self) -> bool:
        return self.record.voided_at is None and not self.changed

    @property
    def is_for_inbox(self) -> bool:
        return bool(self.record.choices["mode"] == Mode.INBOX)


def consent_cards(post: Post) -> list[ConsentCard]:
    """Every record of the post, newest first."""
    records = list(post.consents.select_related("person").order_by("-given_at", "-id"))
    if not records:
        return []
    changes = [changed_since(records[0], post), *_between(records)]
    return [_card(record, changed) for record, changed in zip(records, changes, strict=True)]


def _between(records: Iterable[Consent]) -> list[list[str]]:
    return [
        what_changed(content_agreed_to(earlier), content_agreed_to(later))
        for later, earlier in pairwise(records)
    ]


def _card(record: Consent, changed: list[str]) -> ConsentCard:
    declaration = Declaration(
        record.declaration, record.declaration_links, record.declaration_version
    )
    return ConsentCard(
        record=record,
        declaration=declaration.parts(),
        offered=offered_rows(record.options_offered),
        chosen=choice_rows(record.choices, len(record.media_sha256s)),
        changed=changed_words(changed) if changed else "",
    )


@require_safe
@team_page(Permission.VIEW)
def post_consent_json(request: HttpRequest, pk: int) -> HttpResponse:
    posts = Post.objects.select_related("account", "media", "team")
    found = find_for_member(request, posts, pk, Permission.VIEW)
    export = consent_export(found, current_moment())
    response = JsonResponse(export, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = content_disposition_header(True, _file_name(found))
    response["Cache-Control"] = "private, no-store"
    return response


def _file_name(found: Post) -> str:
    latest = found.consents.last()
    nickname = slugify(latest.nickname_shown) if latest else ""
    day = f"{found.due_at:%Y-%m-%d}" if found.due_at else ""
    parts = ["consent-of-post", str(found.pk), nickname, day]
    return "-".join(part for part in parts if part) + ".json"
