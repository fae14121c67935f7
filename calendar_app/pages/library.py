"""The media library: every file of the team, one file with the posts that show it, deleting."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Membership
from accounts.permissions import Permission, may
from accounts.reach import accounts_hidden_from
from calendar_app.access import demand, find_for_member, member_in, team_page
from publishing.media.library import (
    ORDERS,
    UNUSED,
    USED,
    Deletion,
    Needed,
    Search,
    Use,
    delete_media,
    find_media,
    foresee_deletion,
    needs_media,
    posts_showing,
    uses_of,
    warnings_about,
)
from publishing.media.room import awaited_bytes, current_limits, kept_bytes
from publishing.models import MediaAsset, MediaKind, Post

MEDIA_PER_PAGE = 48
POSTS_SHOWN = 50
LONGEST_WORDS = 100
# What the three menus offer: value and word.
KINDS = [
    ("", gettext_lazy("All kinds")),
    (MediaKind.VIDEO, gettext_lazy("Videos")),
    (MediaKind.PHOTO, gettext_lazy("Photos")),
]
USE_WORDS = [
    ("", gettext_lazy("Any use")),
    (USED, gettext_lazy("Used")),
    (UNUSED, gettext_lazy("Not used")),
]
SORTS = [
    ("newest", gettext_lazy("Newest")),
    ("largest", gettext_lazy("Largest")),
    ("name", gettext_lazy("By name")),
]


@dataclass(frozen=True)
class Card:
    media: MediaAsset
    uses: list[Use]

    @property
    def posts(self) -> int:
        return sum(use.posts for use in self.uses)

    @property
    def warnings(self) -> list[str]:
        return warnings_about(self.media)


@dataclass(frozen=True)
class Stays:
    """A file that posts need: those the person may see, and how many others."""

    media: MediaAsset
    posts: list[Post]
    hidden: int


@require_safe
@team_page(Permission.VIEW)
def library(request: HttpRequest) -> HttpResponse:
    membership: Membership = request.membership  # type: ignore[attr-defined]
    search = _read_search(request.GET)
    pages = Paginator(find_media(membership, search), MEDIA_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    uses = uses_of(membership, page.object_list)
    context = {
        "search": search,
        "is_narrowed": bool(search.words or search.kind or search.use),
        "page": page,
        "cards": [Card(media, uses.get(media.pk, [])) for media in page.object_list],
        "address": _address(search, page.number),
        "earlier": _address(search, page.number - 1),
        "later": _address(search, page.number + 1),
        "kinds": KINDS,
        "use_words": USE_WORDS,
        "sorts": SORTS,
        "longest_words": LONGEST_WORDS,
        "may_plan": may(membership, Permission.PLAN),
        **_room(membership),
    }
    return render(request, "library/library.html", context)


@require_safe
@team_page(Permission.VIEW)
def media_item(request: HttpRequest, pk: int) -> HttpResponse:
    everything = MediaAsset.objects.select_related("uploaded_by")
    media = find_for_member(request, everything, pk, Permission.VIEW)
    membership = member_in(request, media.team_id)
    card = Card(media, uses_of(membership, [media]).get(media.pk, []))
    # The undated and the coming ones are those that a person may still want to change.
    posts = posts_showing(membership, media).order_by(F("due_at").desc(nulls_first=True), "-pk")
    context = {
        "card": card,
        "media": media,
        "posts": posts[:POSTS_SHOWN],
        "more_posts": max(card.posts - POSTS_SHOWN, 0),
        "needed_by": sum(use.posts for use in card.uses if needs_media(use.state)),
        "is_missing": not media.deleted_at and not _is_on_disk(media),
        "may_plan": may(membership, Permission.PLAN),
    }
    return render(request, "library/item.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def media_delete(request: HttpRequest) -> HttpResponse:
    """Asks about one or several files; by POST deletes those that no post needs."""
    sent = request.POST if request.method == "POST" else request.GET
    if not sent.getlist("media"):
        messages.warning(request, gettext("Tick the files to delete first."))
        return _back_to_list(sent)
    media = [one for one in _find_several(request, sent.getlist("media")) if not one.deleted_at]
    if request.method != "POST":
        if media:
            return _ask(request, foresee_deletion(media))
        messages.info(request, gettext("Deleted already."))
        return _back_to_list(sent)
    deletion = delete_media(media, request.user, current_moment())  # type: ignore[arg-type]
    if deletion.needed:
        return _ask(request, deletion, is_done=True)
    messages.success(request, _deleted_words(deletion.deleted))
    return _back_to_list(sent)


def _is_on_disk(media: MediaAsset) -> bool:
    return Path(media.file.path).is_file()


def _find_several(request: HttpRequest, keys: list[str]) -> list[MediaAsset]:
    """Those of this person's teams. Http404 when there are none, PermissionDenied when the role
    in one of their teams is too small."""
    # 18 digits fit into the database's integers.
    ids = {int(key) for key in keys if key.isascii() and key.isdigit() and len(key) <= 18}
    found = MediaAsset.objects.filter(pk__in=ids, team__memberships__user=request.user.pk)
    media = list(found.select_related("uploaded_by"))
    if not media:
        raise Http404
    teams = {one.team_id for one in media}
    for membership in Membership.objects.filter(user=request.user.pk, team__in=teams):
        demand(membership, Permission.PLAN)
    return media


def _ask(request: HttpRequest, deletion: Deletion, *, is_done: bool = False) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    context = {
        "deletion": deletion,
        "needed": _without_hidden(request, deletion.needed),
        "is_done": is_done,
        "back": _read_address(sent),
        "list_url": _list_url(_read_address(sent)),
    }
    return render(request, "library/delete.html", context, status=409 if is_done else 200)


def _without_hidden(request: HttpRequest, needed: list[Needed]) -> list[Stays]:
    """The posts within the person's reach, and how many others there are."""
    hidden = set(accounts_hidden_from(request.user).values_list("pk", flat=True))  # type: ignore[arg-type]
    stays = []
    for one in needed:
        posts = [post for post in one.posts if post.account_id not in hidden]
        stays.append(Stays(one.media, posts, len(one.posts) - len(posts)))
    return stays


def _deleted_words(media: list[MediaAsset]) -> str:
    if not media:
        return gettext("Deleted already.")
    text = ngettext("“{name}” is deleted.", "{n} files are deleted.", len(media))
    return text.format(name=media[0], n=len(media))


def _room(membership: Membership) -> dict[str, Any]:
    now = current_moment()
    limits = current_limits()
    kept, awaited = kept_bytes(membership.team), awaited_bytes(membership.team, now)
    return {
        "kept_bytes": kept,
        "awaited_bytes": awaited,
        "files": MediaAsset.objects.filter(team=membership.team, deleted_at=None).count(),
        "quota_bytes": limits.team_quota_bytes,
        "taken_bytes": min(kept + awaited, limits.team_quota_bytes),
        "free_bytes": limits.free_bytes if may(membership, Permission.RUN_SITE) else None,
    }


def _read_search(query: Mapping[str, Any]) -> Search:
    """Whatever cannot be read means any."""
    kind, use, sort = (query.get(name, "") for name in ("kind", "use", "sort"))
    return Search(
        # PostgreSQL takes no NUL.
        words=" ".join(query.get("q", "").replace("\0", "").split())[:LONGEST_WORDS],
        kind=kind if kind in MediaKind.values else "",
        use=use if use in (USED, UNUSED) else "",
        sort=sort if sort in ORDERS else "newest",
    )


def _address(search: Search, page: int) -> str:
    """The list as a query, without what goes without saying."""
    parts = {
        "q": search.words,
        "kind": search.kind,
        "use": search.use,
        "sort": search.sort if search.sort != "newest" else "",
        "page": str(page) if page > 1 else "",
    }
    return urlencode({name: value for name, value in parts.items() if value})


def _read_address(sent: QueryDict) -> str:
    """The list that the form came from, read anew so that it leads nowhere else."""
    query = QueryDict(sent.get("back", ""))
    page = query.get("page", "")
    is_number = page.isascii() and page.isdigit() and len(page) <= 9
    return _address(_read_search(query), int(page) if is_number else 1)


def _list_url(address: str) -> str:
    return f"{reverse('library')}?{address}" if address else reverse("library")


def _back_to_list(sent: QueryDict) -> HttpResponseRedirect:
    return redirect(_list_url(_read_address(sent)))
