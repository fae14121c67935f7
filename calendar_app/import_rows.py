"""What the lines of an imported file mean: plans for drafts, or what is wrong, cell by cell.

A file decides about content, account and time. Choices that TikTok wants from a person's hand are
never read from it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models.functions import Lower
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy, ngettext

from accounts.models import AccountStatus, Membership, TikTokAccount
from accounts.reach import accounts_within_reach
from calendar_app.month import FIRST_YEAR, LAST_YEAR
from calendar_app.wall_time import moments_at
from publishing.importing import Order
from publishing.models import Label, MediaAsset, MediaKind
from publishing.plan import Plan
from publishing.rules import check_draft, check_due

BETWEEN = "|"
# In which column a problem of publishing.rules stands.
COLUMN_OF_PROBLEM = {"due_at": "due"}
HOW_DUE_LOOKS = gettext_lazy("Write it like 2026-11-26 18:30.")


@dataclass
class Row:
    """One line of the file: its cells, what they mean, and by column what is wrong with them."""

    line: int
    cells: Mapping[str, str]
    problems: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    account: TikTokAccount | None = None
    due_at: datetime | None = None
    files: list[MediaAsset] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.problems

    @property
    def plan(self) -> Plan:
        is_photo = bool(self.files) and self.files[0].kind == MediaKind.PHOTO
        return Plan(
            account=self.account,
            media=self.files[0] if self.files else None,
            photos=tuple(self.files) if is_photo else (),
            kind=MediaKind.PHOTO if is_photo else MediaKind.VIDEO,
            title=self.cells["title"].replace("\r\n", " ").replace("\n", " "),
            caption=self.cells["caption"].replace("\r\n", "\n"),
            due_at=self.due_at,
        )

    def order(self) -> Order:
        return Order(self.line, self.plan, tuple(self.labels))

    def say(self, column: str, text: str) -> None:
        self.problems[column].append(text)


@dataclass(frozen=True)
class Known:
    """What names in the file can mean: the team's accounts, labels and media, by folded name."""

    zone: ZoneInfo
    accounts: Mapping[str, list[TikTokAccount]]
    labels: Mapping[str, Label]
    media: Mapping[str, list[MediaAsset]]


def read_rows(member: Membership, kept: Sequence[Mapping[str, Any]], now: datetime) -> list[Row]:
    """The lines with everything that is wrong with them now; as many queries for many lines."""
    rows = [Row(one["line"], one["cells"]) for one in kept]
    known = _known(member, rows)
    for row in rows:
        _read_account(row, known)
        _read_due(row, known, now)
        _read_media(row, known)
        _read_labels(row, known)
        _read_texts(row)
    return rows


def names_in(cell: str) -> list[str]:
    """Names between strokes, each once."""
    names = (name.strip() for name in cell.split(BETWEEN))
    return list(dict.fromkeys(name for name in names if name))


def _known(member: Membership, rows: Iterable[Row]) -> Known:
    accounts: dict[str, list[TikTokAccount]] = defaultdict(list)
    within = accounts_within_reach(member).filter(deleted_at=None)
    for account in within.exclude(status=AccountStatus.DISCONNECTED):
        for name in {account.username.casefold(), account.nickname.casefold()} - {""}:
            accounts[name].append(account)
    labels = {label.name.casefold(): label for label in Label.objects.filter(team=member.team_id)}
    names = {name.lower() for row in rows for name in names_in(row.cells["media"])}
    media: dict[str, list[MediaAsset]] = defaultdict(list)
    files = MediaAsset.objects.filter(team=member.team_id, deleted_at=None)
    for file in files.annotate(lower=Lower("original_name")).filter(lower__in=names):
        media[file.original_name.casefold()].append(file)
    return Known(ZoneInfo(member.team.timezone), accounts, labels, media)


def _read_account(row: Row, known: Known) -> None:
    name = row.cells["account"].strip()
    found = known.accounts.get(name.removeprefix("@").casefold(), [])
    if not name:
        row.say("account", gettext("Name the account that posts."))
    elif not found:
        text = gettext("No connected account is called “{name}”.")
        row.say("account", text.format(name=name))
    elif len(found) > 1:
        which = ", ".join(f"@{account.username}" for account in found)
        text = gettext("“{name}” may be {accounts}. Name one of these.")
        row.say("account", text.format(name=name, accounts=which))
    else:
        [row.account] = found


def _read_due(row: Row, known: Known, now: datetime) -> None:
    text = row.cells["due"].strip()
    if not text:
        return
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        wrong = gettext("“{text}” is no date and time.").format(text=text)
        row.say("due", f"{wrong} {HOW_DUE_LOOKS}")
        return
    if len(text) <= len("2026-11-26"):
        wrong = gettext("The time is missing.")
        row.say("due", f"{wrong} {HOW_DUE_LOOKS}")
        return
    if not FIRST_YEAR <= typed.year <= LAST_YEAR:
        wrong = gettext("{year} is too far away.").format(year=typed.year)
        row.say("due", f"{wrong} {HOW_DUE_LOOKS}")
        return
    moments = [typed] if typed.tzinfo else _moments(row, typed, known.zone)
    if len(moments) == 1:
        row.due_at = moments[0].astimezone(ZoneInfo("UTC"))
        for problem in check_due(row.due_at, now):
            row.say("due", problem.text)


def _moments(row: Row, typed: datetime, zone: ZoneInfo) -> list[datetime]:
    """The moments that the clocks in the team's zone show so, and words unless it is one."""
    moments = moments_at(typed.date(), typed.time(), zone)
    if not moments:
        text = gettext("On this day the clocks in {zone} skip {time}. Choose another time.")
        row.say("due", text.format(zone=zone.key, time=f"{typed:%H:%M}"))
    if len(moments) == 2:
        first, second = (at.astimezone(zone).isoformat(timespec="minutes") for at in moments)
        text = gettext(
            "On this day the clocks in {zone} show {time} twice. Write {first} for the first, "
            "{second} for the second."
        )
        time = f"{typed:%H:%M}"
        row.say("due", text.format(zone=zone.key, time=time, first=first, second=second))
    return moments


def _read_media(row: Row, known: Known) -> None:
    names = names_in(row.cells["media"])
    for name in names:
        found = known.media.get(name.casefold(), [])
        if not found:
            text = gettext("No file in the media library is called “{name}”.")
            row.say("media", text.format(name=name))
        elif len(found) > 1:
            days = ", ".join(f"{date_format(file.created_at, 'j M Y, H:i')} UTC" for file in found)
            text = ngettext(
                "{count} file in the media library is called “{name}”, uploaded {days}. "
                "Delete those you do not mean, or choose the file on the posting screen.",
                "{count} files in the media library are called “{name}”, uploaded {days}. "
                "Delete those you do not mean, or choose the file on the posting screen.",
                len(found),
            )
            row.say("media", text.format(count=len(found), name=name, days=days))
        else:
            row.files += found
    kinds = {file.kind for file in row.files}
    if MediaKind.VIDEO in kinds and len(row.files) > 1:
        row.say("media", gettext("A post has one video, or photos only."))


def _read_labels(row: Row, known: Known) -> None:
    for name in names_in(row.cells["labels"]):
        if label := known.labels.get(name.casefold()):
            row.labels.append(label)
        else:
            text = gettext("The team has no label “{name}”. Make it first, or leave it out.")
            row.say("labels", text.format(name=name))


def _read_texts(row: Row) -> None:
    plan = row.plan
    if plan.title and plan.kind == MediaKind.VIDEO:
        row.say("title", gettext("Only photo posts have a title. Put it into the caption."))
    for problem in check_draft(plan):
        row.say(COLUMN_OF_PROBLEM.get(problem.field, problem.field), problem.text)
