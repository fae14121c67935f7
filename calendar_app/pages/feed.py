"""The team's posts as a calendar for other programs, at an address that is a member's secret."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import http_date
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.feeds import end_feed, make_feed, member_of_feed
from accounts.models import CalendarFeed, Membership
from accounts.permissions import Permission, may
from accounts.reach import accounts_within_reach
from calendar_app.access import team_page
from publishing.ical import calendar_of, mark_of, posts_around
from publishing.models import Post
from publishing.reach import posts_within_reach


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def calendar_feed(request: HttpRequest) -> HttpResponse:
    """Whether there is an address; POST makes a new one, which this answer alone shows."""
    membership: Membership = request.membership  # type: ignore[attr-defined]
    link = ""
    if request.method == "POST":
        token = make_feed(membership, current_moment())
        link = f"{settings.SITE_URL}{reverse('feed', args=[token])}"
    feed = CalendarFeed.objects.filter(membership=membership).first()
    return render(request, "feed/feed.html", {"feed": feed, "link": link})


@require_POST
@team_page(Permission.VIEW)
def feed_end(request: HttpRequest) -> HttpResponse:
    membership: Membership = request.membership  # type: ignore[attr-defined]
    if end_feed(membership, current_moment()):
        messages.success(request, gettext("The calendar link no longer works."))
    return redirect("calendar_feed")


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar itself, for whoever has the address of somebody who may still look."""
    member, now = member_of_feed(token), current_moment()
    if member is None or not may(member, Permission.VIEW):
        raise Http404
    posts = posts_around(posts_within_reach(member), now)
    etag = f'"{mark_of(posts, _about(member))}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        content = calendar_of(_name(member), posts, now, _domain(), _link)
        response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
        if latest := posts.order_by("-updated_at").values_list("updated_at", flat=True).first():
            response["Last-Modified"] = http_date(latest.timestamp())
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def _about(member: Membership) -> str:
    """What the calendar shows besides the posts themselves."""
    names = accounts_within_reach(member).order_by("pk").values_list("pk", "nickname", "username")
    return f"{_name(member)} {settings.SITE_URL} {list(names)}"


def _name(member: Membership) -> str:
    return f"{member.team} · {settings.PRODUCT_NAME}"


def _domain() -> str:
    return urlsplit(settings.SITE_URL).hostname or "duecast"


def _link(post: Post) -> str:
    return f"{settings.SITE_URL}{reverse('post', args=[post.pk])}"
