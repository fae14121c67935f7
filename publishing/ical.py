"""Posts as events of a calendar that other programs subscribe to (RFC 5545)."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import chain

from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext
from icalendar import Calendar, Event, vDuration

from publishing.models import Post
from publishing.states import State

PAST, FUTURE = timedelta(days=90), timedelta(days=366)
LASTS = timedelta(minutes=5)
ASKED_EVERY = timedelta(hours=1)
# What comes and what was, at most so many each.
MAX_EVENTS = 500
STATUS = {State.CANCELED: "CANCELLED", State.DRAFT: "TENTATIVE", State.IN_REVIEW: "TENTATIVE"}


def posts_around(posts: QuerySet[Post], now: datetime) -> QuerySet[Post]:
    """Those of `posts` that the calendar shows: 90 days back and a year ahead."""
    return posts.filter(due_at__gte=now - PAST, due_at__lt=now + FUTURE)


def mark_of(posts: QuerySet[Post], about: str) -> str:
    """Changes whenever the calendar of these posts does; `about` is what else it shows."""
    seen = posts.order_by().aggregate(count=Count("pk"), latest=Max("updated_at"))
    words = f"{seen['count']} {seen['latest']} {about}"
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def calendar_of(
    name: str, posts: QuerySet[Post], now: datetime, domain: str, link: Callable[[Post], str]
) -> bytes:
    """The calendar as a file. `domain` makes the events' ids unique, `link` leads to a post."""
    calendar = Calendar()
    calendar.add("prodid", "-//Duecast//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    every = vDuration(ASKED_EVERY)
    every.params["VALUE"] = "DURATION"
    calendar.add("refresh-interval", every)
    calendar.add("x-published-ttl", vDuration(ASKED_EVERY))
    for post in _nearest(posts.select_related("account", "media"), now):
        calendar.add_component(_event(post, domain, link(post)))
    return calendar.to_ical()


def _nearest(posts: QuerySet[Post], now: datetime) -> Iterable[Post]:
    coming = posts.filter(due_at__gte=now).order_by("due_at", "pk")[:MAX_EVENTS]
    past = posts.filter(due_at__lt=now).order_by("-due_at", "-pk")[:MAX_EVENTS]
    return chain(coming, past)


def _event(post: Post, domain: str, url: str) -> Event:
    event = Event()
    start = post.published_at or post.due_at
    if start is None:
        raise ValueError(f"{post} has no time.")
    event.add("uid", f"post-{post.pk}@{domain}")
    event.add("dtstamp", post.updated_at)
    event.add("last-modified", post.updated_at)
    event.add("created", post.created_at)
    # It has to grow with every change, and nothing else of a post does.
    event.add("sequence", max(0, int((post.updated_at - post.created_at).total_seconds())))
    event.add("dtstart", start)
    event.add("dtend", start + LASTS)
    event.add("summary", f"{post.account or gettext('No account yet')}: {post.headline[:100]}")
    event.add("description", f"{post.get_state_display()}\n\n{post.caption}".strip())
    event.add("url", url)
    event.add("status", STATUS.get(State(post.state), "CONFIRMED"))
    event.add("transp", "TRANSPARENT")
    return event
