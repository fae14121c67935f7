"""What can go wrong, by what the caller does about it.

    TikTokError
    ├── Unavailable               may pass: try later, if a second effect is harmless
    │   └── NotConnected          nothing was sent: always safe to try again
    ├── RateLimited               nothing happened: try again when told
    ├── AuthError                 the account's permission is the problem
    │   ├── AccessTokenInvalid    refresh once, then reconnect
    │   ├── ScopeMissing          reconnect and grant the scope
    │   └── InvalidGrant          code or refresh token is dead: reconnect
    ├── Refused                   final: show the person TikTok's words
    │   └── CreatorCannotPost     the creator or the app is over a cap, or banned
    └── UploadError               answers of an upload address
        ├── UploadExpired         403: ask for the status first
        ├── UploadUnknown         404: ask for the status first
        ├── UploadOffsetMismatch  416: continue at `uploaded_bytes`
        └── UploadRejected        400: headers or size are wrong, a bug

Sources: tiktok-api-v2-error-handling, oauth-error-handling and the error table of each
content-posting-api-reference-* page.
"""


class TikTokError(Exception):
    """Carries what TikTok's support asks for. Holds no token, secret or upload address."""

    def __init__(
        self, code: str, message: str = "", *, log_id: str = "", http_status: int | None = None
    ) -> None:
        # Only these two in args, so that an error survives pickling.
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.log_id = log_id
        self.http_status = http_status

    def __str__(self) -> str:
        text = f"{self.code}: {self.message}" if self.message else self.code
        details = [f"HTTP {self.http_status}"] if self.http_status is not None else []
        if self.log_id:
            details.append(f"log id {self.log_id}")
        return f"{text} ({', '.join(details)})" if details else text

    @property
    def is_invalid_param(self) -> bool:
        """TikTok spells this code in two ways; `code` keeps the one it sent."""
        return self.code in INVALID_PARAM_CODES


class Unavailable(TikTokError):
    """5xx, timeout, dropped connection, HTML or an unreadable answer.

    `effect_possible` is False only when the connection was never made.
    """

    effect_possible = True


class NotConnected(Unavailable):
    effect_possible = False


class RateLimited(TikTokError):
    """TikTok documents no Retry-After, so `retry_after_s` is mostly None."""

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        log_id: str = "",
        http_status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(code, message, log_id=log_id, http_status=http_status)
        self.retry_after_s = retry_after_s


class AuthError(TikTokError):
    pass


class AccessTokenInvalid(AuthError):
    pass


class ScopeMissing(AuthError):
    pass


class InvalidGrant(AuthError):
    pass


class Refused(TikTokError):
    """A final no. Only a documented code proves that nothing happened."""

    @property
    def is_documented(self) -> bool:
        return self.code in CLASS_BY_CODE


class CreatorCannotPost(Refused):
    pass


class UploadError(TikTokError):
    pass


class UploadExpired(UploadError):
    pass


class UploadUnknown(UploadError):
    pass


class UploadRejected(UploadError):
    pass


class UploadOffsetMismatch(UploadError):
    """`uploaded_bytes` is how many bytes TikTok says it has, None when it did not say."""

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        log_id: str = "",
        http_status: int | None = None,
        uploaded_bytes: int | None = None,
    ) -> None:
        super().__init__(code, message, log_id=log_id, http_status=http_status)
        self.uploaded_bytes = uploaded_bytes


INVALID_PARAM_CODES = frozenset({"invalid_param", "invalid_params"})

CLASS_BY_CODE: dict[str, type[TikTokError]] = {
    # tiktok-api-v2-error-handling
    "access_token_invalid": AccessTokenInvalid,
    "scope_not_authorized": ScopeMissing,
    "scope_permission_missed": ScopeMissing,
    "invalid_param": Refused,
    "invalid_params": Refused,
    "invalid_file_upload": Refused,
    "rate_limit_exceeded": RateLimited,
    "internal_error": Unavailable,
    # content-posting-api-reference-*
    "spam_risk_too_many_posts": CreatorCannotPost,
    "spam_risk_user_banned_from_posting": CreatorCannotPost,
    "reached_active_user_cap": CreatorCannotPost,
    "spam_risk_too_many_pending_share": Refused,
    "unaudited_client_can_only_post_to_private_accounts": Refused,
    "url_ownership_unverified": Refused,
    "privacy_level_option_mismatch": Refused,
    "app_version_check_failed": Refused,
    "invalid_publish_id": Refused,
    "token_not_authorized_for_specified_publish_id": Refused,
    "publish_not_cancellable": Refused,
    # oauth-error-handling
    "access_denied": Refused,
    "invalid_client": Refused,
    "invalid_grant": InvalidGrant,
    "invalid_request": Refused,
    "invalid_scope": Refused,
    "unauthorized_client": Refused,
    "unsupported_grant_type": Refused,
    "unsupported_response_type": Refused,
    "server_error": Unavailable,
    "temporarily_unavailable": Unavailable,
}


def error_class(code: str, http_status: int) -> type[TikTokError]:
    """A 5xx never counts as a refusal, whatever code it carries."""
    if http_status >= 500:
        return Unavailable
    known = CLASS_BY_CODE.get(code)
    if known is not None:
        return known
    return RateLimited if http_status == 429 else Refused
