"""The calendar's posts as a CSV file, written while it is sent."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.timezone import now as current_moment
from django.views.decorators.http import require_safe

from accounts.models import Membership
from accounts.permissions import Permission
from accounts.reach import accounts_within_reach
from calendar_app.access import team_page
from calendar_app.forms.sheets import ExportForm, ImportForm
from calendar_app.pages.importing import show_import
from calendar_app.pages.post_actions import on_tiktok
from calendar_app.sheets import lines_of
from calendar_app.wall_time import day_end, day_start
from publishing.models import MediaKind, Post
from publishing.reach import posts_within_reach

# Read and written in parts of this many posts.
BATCH = 500
FLAGS = (
    "allow_comment",
    "allow_duet",
    "allow_stitch",
    "discloses_content",
    "is_your_brand",
    "is_branded_content",
    "is_ai_generated",
    "auto_add_music",
)
# The first six are what an import reads back.
HEAD = (
    "account", "due", "media", "title", "caption", "labels",
    "post", "nickname", "state", "in_queue", "kind", "mode", "privacy_level", *FLAGS,
    "cover_timestamp_ms", "author", "note", "published_at", "public_link", "taken_down_at",
    "created_at", "updated_at",
)  # fmt: skip


@require_safe
@team_page(Permission.VIEW)
def posts_csv(request: HttpRequest) -> HttpResponseBase:
    membership: Membership = request.membership  # type: ignore[attr-defined]
    form = ExportForm(request.GET, accounts=accounts_within_reach(membership))
    if not form.is_valid():
        return show_import(request, ImportForm(), export_form=form, status=422)
    zone = ZoneInfo(membership.team.timezone)
    posts = _chosen(posts_within_reach(membership), form.cleaned_data, zone)
    response = StreamingHttpResponse(lines_of(_rows(posts, zone)), content_type="text/csv")
    name = f"posts-{current_moment().astimezone(zone):%Y-%m-%d}.csv"
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "private, no-store"
    return response


def _chosen(posts: QuerySet[Post], wanted: dict[str, Any], zone: ZoneInfo) -> QuerySet[Post]:
    if wanted["account"]:
        posts = posts.filter(account=wanted["account"])
    if wanted["first"]:
        posts = posts.filter(due_at__gte=day_start(wanted["first"], zone))
    if wanted["last"]:
        posts = posts.filter(due_at__lt=day_end(wanted["last"], zone))
    return posts.order_by("due_at", "pk")


def _rows(posts: QuerySet[Post], zone: ZoneInfo) -> Iterator[tuple[object, ...]]:
    yield HEAD
    whole = posts.select_related("account", "author", "media")
    for post in whole.prefetch_related("labels", "post_photos__media").iterator(BATCH):
        yield _row(post, zone)


def _row(post: Post, zone: ZoneInfo) -> tuple[object, ...]:
    return (
        (post.account.username or post.account.nickname) if post.account else "",
        _moment(post.due_at, zone),
        _media(post),
        post.title,
        post.caption,
        "|".join(label.name for label in post.labels.all()),
        post.pk,
        post.account or "",
        post.state,
        _yes(post.is_queued),
        post.kind,
        post.mode,
        post.privacy_level,
        *(_yes(getattr(post, flag)) for flag in FLAGS),
        "" if post.cover_timestamp_ms is None else post.cover_timestamp_ms,
        post.author or "",
        post.note,
        _moment(post.published_at, zone),
        _public_link(post),
        _moment(post.taken_down_at, zone),
        _moment(post.created_at, zone),
        _moment(post.updated_at, zone),
    )


def _media(post: Post) -> str:
    if post.kind == MediaKind.PHOTO:
        return "|".join(photo.media.original_name for photo in post.post_photos.all())
    return post.media.original_name if post.media else ""


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    """With the zone's offset, so that it is one moment wherever it is read."""
    return at.astimezone(zone).isoformat(timespec="seconds") if at else ""


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _public_link(post: Post) -> str:
    url = on_tiktok(post).post_url
    return f"{settings.SITE_URL}{url}" if url.startswith("/") else url
