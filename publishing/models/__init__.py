from publishing.models.attempt import TAKEN, Attempt, JournalLine, Outcome, Source
from publishing.models.breaker import Breaker
from publishing.models.consent import Consent
from publishing.models.exchange import Exchange
from publishing.models.hashtag_group import HashtagGroup
from publishing.models.media import MediaAsset, MediaKind
from publishing.models.notice import MailPace, Notice, NoticeChoice, NoticeKind, NoticePace
from publishing.models.post import Mode, Post, PostPhoto, StateChange
from publishing.models.pulse import Pulse, PulseName
from publishing.models.rate_use import RateUse
from publishing.models.upload import Upload
from publishing.models.webhook_event import WebhookEvent

__all__ = [
    "TAKEN",
    "Attempt",
    "Breaker",
    "Consent",
    "Exchange",
    "HashtagGroup",
    "JournalLine",
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
    "Pulse",
    "PulseName",
    "RateUse",
    "Source",
    "StateChange",
    "Upload",
    "WebhookEvent",
]
