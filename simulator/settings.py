"""What is set at start (`Options`) and what may change while it runs (`Settings`)."""

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

TOKEN_LIVES_S = {
    "2026-11": (7_200, 15_552_000),
    "older": (86_400, 31_536_000),
}

RATE_LIMITS = {
    "creator_info": 20,
    "video_init": 6,
    "inbox_init": 6,
    "content_init": 6,
    "status": 30,
    "user_info": 600,
    "video_list": 600,
    "video_query": 600,
}


@dataclass
class Options:
    """Fixed for the life of the process."""

    host: str = "127.0.0.1"
    port: int = 8001
    data: Path | None = None
    client_key: str = "simulator-key"
    client_secret: str = "simulator-secret"  # noqa: S105  # a public default of a local tool
    redirect_prefixes: list[str] = field(default_factory=list)
    verified_prefixes: list[str] = field(default_factory=list)
    fetch_from: str = ""
    public_url: str = ""
    discards_bytes: bool = False


@dataclass
class Settings:
    """Every switch of the control API. Lengths of time are seconds."""

    audited: bool = True
    access_token_life_s: float = 86_400
    refresh_token_life_s: float = 31_536_000
    refresh_restarts_life: bool = True
    code_life_s: float = 300
    oauth_error_status: int = 400
    pkce_required: bool = False
    upload_url_life_s: float = 3_600
    processing_s: float = 2.0
    moderation_s: float = 2.0
    download_delay_s: float = 0.0
    fail_reason: str = ""
    gives_post_id: bool = True
    post_id_count: int = 1
    daily_cap: int = 15
    pending_share_cap: int = 5
    unaudited_creator_cap: int = 5
    audited_creator_cap: int = 500
    cap_window_s: float = 86_400
    rate_window_s: float = 60
    rate_limits: dict[str, int] = field(default_factory=lambda: dict(RATE_LIMITS))
    invalid_param_code: str = "invalid_params"
    refuses_many_chunks: bool = False
    webhook_url: str = ""
    webhooks_enabled: bool = True
    webhook_delay_s: float = 0.0
    webhook_copies: int = 1
    webhook_retry_s: float = 1.0

    def change(self, values: dict[str, Any]) -> None:
        """Take new values; `token_generation` is short for both token lives.

        Raises ValueError for an unknown name or a value of the wrong type.
        """
        values = dict(values)
        generation = values.pop("token_generation", None)
        if generation is not None:
            if generation not in TOKEN_LIVES_S:
                raise ValueError(f"token_generation must be one of {sorted(TOKEN_LIVES_S)}")
            access_s, refresh_s = TOKEN_LIVES_S[generation]
            values |= {"access_token_life_s": access_s, "refresh_token_life_s": refresh_s}
        if "rate_limits" in values:
            values["rate_limits"] = self.rate_limits | values["rate_limits"]
        change_fields(self, values)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def change_fields(record: Any, values: dict[str, Any]) -> None:
    """Set dataclass fields by name, refusing unknown names and other types (ValueError)."""
    known = {f.name for f in fields(record)}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"unknown field: {name}")
        if not _fits(value, getattr(record, name)):
            raise ValueError(f"{name}: {value!r} is of the wrong type")
    for name, value in values.items():
        setattr(record, name, value)


def _fits(value: Any, current: Any) -> bool:
    if current is None or value is None:
        return True
    if isinstance(current, bool) or isinstance(value, bool):
        return isinstance(current, bool) and isinstance(value, bool)
    if isinstance(current, int | float):
        return isinstance(value, int | float)
    return isinstance(value, type(current))
