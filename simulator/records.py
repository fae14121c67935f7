"""The things the simulator remembers, each a dataclass that goes to JSON and back."""

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

PUBLIC_OPTIONS = ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]
PRIVATE_OPTIONS = ["FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]


class Record:
    """A dataclass with a table name and a key."""

    table: ClassVar[str]

    @property
    def key(self) -> str:
        raise NotImplementedError

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)  # type: ignore[call-overload]


@dataclass
class Creator(Record):
    """A TikTok user. `outcome` overrides the global outcome settings for this creator's posts."""

    table = "creators"

    username: str
    nickname: str = ""
    open_id: str = ""
    union_id: str = ""
    bio: str = ""
    is_private: bool = False
    is_verified: bool = False
    is_banned: bool = False
    comment_disabled: bool = False
    duet_disabled: bool = False
    stitch_disabled: bool = False
    max_video_post_duration_sec: int = 600
    privacy_level_options: list[str] | None = None
    daily_cap: int | None = None
    app_version_ok: bool = True
    # False: a sandbox key may not connect this creator.
    is_sandbox_target: bool = True
    follower_count: int = 0
    following_count: int = 0
    likes_count: int = 0
    outcome: dict[str, Any] = field(default_factory=dict)
    # Moments at which other API clients posted for this creator; they share the daily cap.
    other_posts: list[float] = field(default_factory=list)
    # When we last said that the cap is reached, and how many posts stood in the window then.
    cap_told_at: float | None = None
    granted_scopes: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.username

    def options(self) -> list[str]:
        if self.privacy_level_options is not None:
            return self.privacy_level_options
        return PRIVATE_OPTIONS if self.is_private else PUBLIC_OPTIONS


@dataclass
class Code(Record):
    """An authorization code waiting for its single use."""

    table = "codes"

    code: str
    creator: str
    scopes: list[str]
    redirect_uri: str
    challenge: str
    expires_at: float
    used: bool = False

    @property
    def key(self) -> str:
        return self.code


@dataclass
class Token(Record):
    """An access or refresh token. `dead_because` is empty while it serves.

    `told_dead` becomes true once the client could know that it is dead; using it after
    that is a violation. `delivered` is false when the answer that carried it was lost.
    """

    table = "tokens"

    token: str
    kind: str
    creator: str
    scopes: list[str]
    grant: str
    issued_at: float
    expires_at: float
    dead_because: str = ""
    told_dead: bool = False
    delivered: bool = True
    successor: str = ""

    @property
    def key(self) -> str:
        return self.token


@dataclass
class Post(Record):
    """One init call that was accepted and what became of it."""

    table = "posts"

    number: int
    publish_id: str
    creator: str
    media_type: str
    mode: str
    source: str
    grant: str
    init_at: float
    init_monotonic_s: float
    init_order: int
    post_info: dict[str, Any] = field(default_factory=dict)
    outcome: dict[str, Any] = field(default_factory=dict)
    urls: list[str] = field(default_factory=list)
    cover_index: int = 0
    size_bytes: int = 0
    chunk_size_bytes: int = 0
    chunk_count: int = 0
    upload_id: str = ""
    upload_token: str = ""
    upload_expires_at: float = 0.0
    upload_told_dead: bool = False
    upload_answer_lost: bool = False
    uploaded_bytes: int = 0
    downloaded_bytes: int = 0
    chunks: list[dict[str, Any]] = field(default_factory=list)
    head: str = ""
    media: list[dict[str, Any]] = field(default_factory=list)
    status: str = "PROCESSING_UPLOAD"
    phase: str = "uploading"
    fail_reason: str = ""
    post_ids: list[int] = field(default_factory=list)
    bytes_complete_at: float | None = None
    counted_at: float | None = None
    published_at: float | None = None
    public_at: float | None = None
    next_step_at: float | None = None
    cancel_asked: bool = False
    draft_state: str = ""
    sha256: str | None = None

    @property
    def key(self) -> str:
        return self.publish_id

    @property
    def is_direct(self) -> bool:
        return self.mode == "direct"


@dataclass
class Webhook(Record):
    """One delivery to the webhook URL, with every answer it got (HTTP status, 0 for none)."""

    table = "webhooks"

    number: int
    event: str
    body: str
    url: str
    due_at: float
    created_at: float = 0.0
    signature: str = "valid"
    answers: list[int] = field(default_factory=list)
    delivered_at: float | None = None
    given_up: bool = False

    @property
    def key(self) -> str:
        return str(self.number)


@dataclass
class Fault(Record):
    """A planned misbehaviour. See `simulator.faults` for the kinds.

    Of the requests that fit, `seen` so far, it acts on the `share` that `seed` draws.
    """

    table = "faults"

    number: int
    name: str
    kind: str
    path: str = "*"
    method: str = ""
    creator: str = ""
    count: int | None = 1
    skip: int = 0
    share: float = 1.0
    seed: int = 0
    seen: int = 0
    when: str = "before"
    status: int = 500
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    code: str = ""
    message: str = ""
    seconds: float = 0.0
    after_bytes: int = 0
    keep: bool = False
    reset: bool = False
    hits: list[dict[str, Any]] = field(default_factory=list)

    @property
    def key(self) -> str:
        return str(self.number)
