from publishing.models.approval import Approval, Decision
from publishing.models.attempt import TAKEN, Attempt, JournalLine, Outcome, Source
from publishing.models.breaker import Breaker
from publishing.models.client_link import ClientLink
from publishing.models.comment import MAX_COMMENT, Comment
from publishing.models.consent import Consent
from publishing.models.draft_edit import DraftEdit
from publishing.models.exchange import Exchange
from publishing.models.hashtag_group import HashtagGroup
from publishing.models.import_run import ImportRun
from publishing.models.label import DayNote, DayNoteKind, Label
from publishing.models.media import MediaAsset, MediaKind
from publishing.models.notice import MailPace, Notice, NoticeChoice, NoticeKind, NoticePace
from publishing.models.post import SHOWN_AT, Mode, Post, PostPhoto, StateChange
from publishing.models.presence import Presence
from publishing.models.pulse import Pulse, PulseName
from publishing.models.rate_use import RateUse
from publishing.models.slot import PostingSlot, Weekday
from publishing.models.upload import Upload
from publishing.models.webhook_event import WebhookEvent

__all__ = [
    "MAX_COMMENT",
    "SHOWN_AT",
    "TAKEN",
    "Approval",
    "Attempt",
    "Breaker",
    "ClientLink",
    "Comment",
    "Consent",
    "DayNote",
    "DayNoteKind",
    "Decision",
    "DraftEdit",
    "Exchange",
    "HashtagGroup",
    "ImportRun",
    "JournalLine",
    "Label",
    "MailPace",
    "MediaAsset",
    "MediaKind",
    "Mode",
    "Notice",
    "NoticeChoice",
    "NoticeKind",
    "NoticePace",
    "Outcome",
    "Post",
    "PostPhoto",
    "PostingSlot",
    "Presence",
    "Pulse",
    "PulseName",
    "RateUse",
    "Source",
    "StateChange",
    "Upload",
    "WebhookEvent",
    "Weekday",
]
