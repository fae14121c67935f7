"""What the posting screen begins with: a draft, a copy of a post, or what a link may fill in.

A choice that TikTok wants made by hand comes from the account's own draft or from nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, QueryDict

from accounts.models import Membership, Team
from accounts.permissions import Permission
from accounts.reach import accounts_hidden_from
from accounts.zones import shown_zone
from calendar_app.access import NO_TEAM, demand, find_for_member, member_in
from calendar_app.forms.compose import (
    CHOICES,
    ChoicesForm,
    ComposeForm,
    new_form_token,
    postable_accounts,
)
from calendar_app.forms.due import due_initial
from calendar_app.month import read_day
from calendar_app.pages.compose_screen import chosen_accounts
from calendar_app.pages.post_actions import copied_content
from calendar_app.wall_time import read_clock
from publishing.models import MediaKind, Mode, Post
from publishing.states import State


@dataclass(frozen=True)
class Desk:
    """Whose form this is: the person as a member of the team it is for, the zone, the drafts it
    continues, or the post whose content it copies."""

    member: Membership
    zone: ZoneInfo
    drafts: list[Post]
    copied: Post | None = None

    @property
    def team(self) -> Team:
        return self.member.team


def choices_of(form: ComposeForm, desk: Desk) -> list[ChoicesForm]:
    """One form per chosen account; only an account's own draft fills in its choices."""
    accounts = chosen_accounts(form)
    if form.is_bound:
        return [ChoicesForm(form.data, account=account) for account in accounts]
    kept = {draft.account_id: draft for draft in desk.drafts}
    return [
        ChoicesForm(
            account=account,
            initial={name: getattr(kept[account.pk], name) for name in CHOICES}
            if account.pk in kept
            else {},
        )
        for account in accounts
    ]


def desk_of(request: HttpRequest) -> Desk:
    membership: Membership = request.membership  # type: ignore[attr-defined]
    posts = _named_posts(request)
    copied = None if posts else _copied_post(request)
    team = next((post.team for post in [*posts, copied] if post), membership.team)
    drafts = [post for post in posts if post.state == State.DRAFT]
    return Desk(member_in(request, team.pk), shown_zone(membership), drafts, copied)


def _copied_post(request: HttpRequest) -> Post | None:
    """The post that ?from= names; 404 when it is a stranger's."""
    pk = request.GET.get("from")
    if pk is None:
        return None
    if not (pk.isascii() and pk.isdigit()):
        raise Http404
    posts = Post.objects.select_related("team")
    return find_for_member(request, posts, int(pk), Permission.PLAN)


def _named_posts(request: HttpRequest) -> list[Post]:
    """The posts of the form that ?draft= names: by one draft's number, or by the form's token.

    Of several accounts those within the person's reach. 404 when the number is a stranger's or no
    draft any more. A token that nobody used yet names a form not saved so far.
    """
    name = request.GET.get("draft")
    if name is None:
        return []
    posts = Post.objects.select_related("team").order_by("account_id")
    if name.isascii() and name.isdigit():
        drafts = posts.filter(state=State.DRAFT)
        token = find_for_member(request, drafts, int(name), Permission.PLAN).form_token
    else:
        token = _read_token(name)
    used = posts.filter(form_token=token, team__memberships__user=request.user.pk)
    hidden = accounts_hidden_from(request.user)  # type: ignore[arg-type]
    used = used.filter(Q(account=None) | ~Q(account__in=hidden))
    for post in used[:1]:
        find_for_member(request, posts, post.pk, Permission.PLAN)
    return list(used)


def _read_token(name: str) -> UUID:
    try:
        return UUID(name)
    except ValueError:
        raise Http404 from None


def team_of_form(request: HttpRequest) -> Team:
    """The team for which the posting screen works that sends this request."""
    posts = _named_posts(request)
    if posts:
        return posts[0].team
    membership: Membership | None = request.membership  # type: ignore[attr-defined]
    if not membership:
        raise PermissionDenied(NO_TEAM)
    demand(membership, Permission.PLAN)
    return membership.team


def initial_of(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    if desk.drafts:
        return _from_drafts(desk.drafts, desk.zone)
    linked = _from_link(request, desk.member)
    return linked | copied_content(desk.copied) if desk.copied else linked


def _from_drafts(drafts: Sequence[Post], zone: ZoneInfo) -> dict[str, Any]:
    draft = drafts[0]
    return {
        **{name: getattr(draft, name) for name in ("kind", "mode", "title", "caption")},
        **due_initial(draft.due_at, zone),
        "form_token": draft.form_token,
        "seen_at": max(post.updated_at for post in drafts).isoformat(),
        "accounts": [post.account_id for post in drafts if post.account_id],
        "media": draft.media_id,
        "photos": [photo.pk for photo in draft.files()],
        "cover": draft.media_id,
        "cover_timestamp_ms": draft.cover_timestamp_ms,
        "labels": [label.pk for label in draft.labels.all()],
    }


def _from_link(request: HttpRequest, member: Membership) -> dict[str, Any]:
    """What a link may fill in: where and when, never a choice that TikTok wants made by hand."""
    query = request.GET
    accounts = [str(pk) for pk in postable_accounts(member).values_list("pk", flat=True)]
    asked = [pk for pk in query.getlist("account") if pk in accounts]
    return {
        "form_token": new_form_token(),
        "accounts": asked or (accounts if len(accounts) == 1 else []),
        "due_date": read_day(query.get("date", "")),
        "due_time": read_clock(query.get("time", "")),
        "kind": query.get("kind", MediaKind.VIDEO),
        "mode": Mode.DIRECT,
        **_media_asked(query, member.team),
    }


def _media_asked(query: QueryDict, team: Team) -> dict[str, Any]:
    pk = number_in(query.get("media"))
    media = team.media.filter(pk=pk, deleted_at=None).first() if pk else None
    if media is None:
        return {}
    if media.kind == MediaKind.PHOTO:
        return {"kind": media.kind, "photos": [media.pk], "cover": media.pk}
    return {"kind": media.kind, "media": media.pk}


def number_in(value: Any) -> int | None:
    return int(value) if str(value or "").isdigit() else None
