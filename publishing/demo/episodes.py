"""From the script to posts: when each entry was due, what was sent for it, and its rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from accounts.approval_rules import ApprovalRule
from accounts.models import Team, TikTokAccount, User
from publishing.approvals import hand_in
from publishing.consent import give_consent
from publishing.demo import brand, history, script, tiktok_side
from publishing.demo.history import PART_BYTES, Past
from publishing.demo.script import Entry, Fate
from publishing.demo.tiktok_side import Delivery
from publishing.drafts import save_draft
from publishing.models import Label, MediaAsset, Mode, Post
from publishing.plan import Plan
from publishing.scheduling import schedule_post
from tiktok.client import CreatorInfo

ZONE = ZoneInfo(brand.TIMEZONE)
# A post of the last minutes is left to the engine: its story would not be over yet.
TOO_FRESH = timedelta(minutes=3)
# What an account keeps between its posts at first.
GAP = timedelta(minutes=TikTokAccount._meta.get_field("min_gap_min").default)
# Of the posts that wait for it; the demo's team demands none of the others.
ONE_APPROVAL = ApprovalRule(1, timedelta(hours=1))
SENT_WHOLE = frozenset({Fate.AS_DUE, Fate.AFTER_INTERNAL, Fate.AFTER_DROP, Fate.INBOX})


@dataclass(frozen=True)
class Cast:
    """Everybody and everything in the demo; `people` are owner, editor, viewer, `labels` are by
    film."""

    team: Team
    people: list[User]
    accounts: dict[str, TikTokAccount]
    offers: dict[str, CreatorInfo]
    films: dict[str, MediaAsset]
    labels: dict[str, Label] = field(default_factory=dict)


@dataclass(frozen=True)
class Episode:
    """One entry with its moment. `send` really posts it; `delivery` is what TikTok said then."""

    entry: Entry
    plan: Plan
    due_at: datetime
    author: User
    written_at: datetime
    is_past: bool
    send: Callable[[], Delivery] | None = None
    delivery: Delivery | None = None


def plan_episodes(cast: Cast, now: datetime) -> list[Episode]:
    """Every entry of the script around `now`."""
    return [_episode(cast, number, *each, now) for number, each in enumerate(date_entries(now))]


def date_entries(now: datetime) -> list[tuple[Entry, datetime]]:
    """The script's entries with their moments; one of the week gives way to one around `now`."""
    monday = now.astimezone(ZONE).date() - timedelta(days=now.astimezone(ZONE).weekday())
    weeks = (script.LAST_WEEK, script.THIS_WEEK, script.NEXT_WEEK)
    around = [(entry, _full_five(now + timedelta(minutes=m))) for m, entry in script.AROUND_NOW]
    dated = [
        (entry, _moment(monday + timedelta(weeks=number - 1, days=entry.weekday), entry.at))
        for number, week in enumerate(weeks)
        for entry in week
    ]
    return [each for each in dated if not _is_in_the_way(*each, around)] + around


def _is_in_the_way(
    entry: Entry, moment: datetime, around: Iterable[tuple[Entry, datetime]]
) -> bool:
    return any(entry.creator == other.creator and abs(moment - at) < GAP for other, at in around)


def _moment(day: date, at: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(at), ZONE)


def _full_five(moment: datetime) -> datetime:
    """People choose round times."""
    return moment.replace(minute=moment.minute // 5 * 5, second=0, microsecond=0)


def _episode(cast: Cast, number: int, entry: Entry, due_at: datetime, now: datetime) -> Episode:
    plan = _plan(cast, number, entry, due_at)
    is_past = due_at < now - TOO_FRESH
    episode = Episode(
        entry=entry,
        plan=plan,
        due_at=due_at,
        author=cast.people[number % 2],
        written_at=_written_at(number, min(due_at, now)),
        is_past=is_past,
    )
    return replace(episode, send=_sender(entry, plan)) if is_past else episode


def _written_at(number: int, latest: datetime) -> datetime:
    """A working hour one to three days before."""
    day = latest.astimezone(ZONE).date() - timedelta(days=1 + number % 3)
    return datetime.combine(day, time(10 + number % 6, number * 17 % 60), ZONE)


def _plan(cast: Cast, number: int, entry: Entry, due_at: datetime) -> Plan:
    plan = Plan(
        account=cast.accounts[entry.creator],
        media=cast.films[entry.film],
        caption=entry.caption,
        due_at=due_at,
        labels=(cast.labels[entry.film],) if entry.film in cast.labels else (),
    )
    if entry.fate == Fate.INBOX:
        return replace(plan, mode=Mode.INBOX)
    if entry.fate == Fate.DRAFT:
        return plan
    offer = cast.offers[entry.creator]
    return replace(
        plan,
        privacy_level=entry.privacy_level,
        allow_comment=number % 5 != 0,
        allow_duet=number % 3 == 0 and not offer.duet_disabled,
        allow_stitch=number % 4 == 0 and not offer.stitch_disabled,
        discloses_content=bool(entry.promotes),
        is_your_brand=entry.promotes == script.OWN,
        is_branded_content=entry.promotes == script.PARTNER,
    )


def _sender(entry: Entry, plan: Plan) -> Callable[[], Delivery] | None:
    if entry.fate == Fate.PROCESSING:
        return lambda: _send_slowly(entry, plan)
    if entry.fate == Fate.SENDING:
        return lambda: tiktok_side.deliver_one_part(plan, PART_BYTES)
    return (lambda: tiktok_side.deliver_whole(plan)) if entry.fate in SENT_WHOLE else None


def _send_slowly(entry: Entry, plan: Plan) -> Delivery:
    tiktok_side.process_slowly(brand.CREATORS[entry.creator])
    return tiktok_side.deliver_and_leave(plan)


def write_episode(cast: Cast, episode: Episode, now: datetime) -> Post:
    """The post's rows, as people and the engine would have made them by `now`."""
    fate, plan = episode.entry.fate, episode.plan
    if fate == Fate.DRAFT:
        return save_draft(cast.team, episode.author, plan, uuid4(), episode.written_at)
    offer = cast.offers[episode.entry.creator]
    creator = None if plan.mode == Mode.INBOX else offer
    if fate == Fate.IN_REVIEW:
        return _hand_in(cast, episode, offer)
    written_at = episode.written_at
    post = schedule_post(cast.team, episode.author, plan, uuid4(), creator, written_at)
    if fate == Fate.CANCELED:
        canceled_at = min(episode.due_at, now) - timedelta(hours=2)
        history.canceled(post, cast.people[0], canceled_at)
    elif episode.is_past:
        _write_past(episode, Past(post, offer), now)
    return post


def _hand_in(cast: Cast, episode: Episode, offer: CreatorInfo) -> Post:
    post = save_draft(cast.team, episode.author, episode.plan, uuid4(), episode.written_at)
    sent_at = episode.written_at + timedelta(minutes=4)
    give_consent(post, episode.author, offer, sent_at)
    hand_in(post, episode.author, ONE_APPROVAL, sent_at)
    return post


def _write_past(episode: Episode, past: Past, now: datetime) -> None:
    fate, delivery = episode.entry.fate, episode.delivery
    if fate == Fate.SILENT:
        history.unconfirmed(past)
    elif fate == Fate.AUDIENCE_GONE:
        history.held_for_audience(past)
    elif fate in _REFUSALS:
        history.failed(past, _REFUSALS[fate])
    elif delivery is not None and fate in _TIMED:
        _TIMED[fate](past, delivery, now)
    elif delivery is not None:
        _TOLD.get(fate, history.published)(past, delivery)


_REFUSALS = {Fate.REFUSED: "spam_risk", Fate.RISKY_TEXT: "spam_risk_text"}
_TIMED = {Fate.PROCESSING: history.processing, Fate.SENDING: history.sending}
_TOLD = {
    Fate.AFTER_INTERNAL: history.published_after_internal,
    Fate.AFTER_DROP: history.published_after_drop,
}
