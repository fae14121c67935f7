"""TikTok's codes in plain words: what happened, what it means, what to do.

Codes of content-posting-api-reference-* and get-video-status; unknown ones are quoted as they are.
"""

from datetime import timedelta

from django.utils.translation import gettext, gettext_lazy, gettext_noop, ngettext

from publishing.models import MediaKind

WORDS = {
    "spam_risk_too_many_posts": gettext_lazy(
        "TikTok says that this creator has reached the daily limit for posts from apps. "
        "Other tools count against the same limit."
    ),
    "spam_risk_user_banned_from_posting": gettext_lazy(
        "TikTok does not let this creator post at the moment. Check the account in the TikTok app."
    ),
    "reached_active_user_cap": gettext_lazy(
        "TikTok's daily number of creators who may post through your app is used up. "
        "This is a limit of the app, not of this account."
    ),
    "unaudited_client_can_only_post_to_private_accounts": gettext_lazy(
        "TikTok refused this post: it has not audited this app yet, and until then it takes posts "
        "for “Only me” on private accounts only."
    ),
    "url_ownership_unverified": gettext_lazy(
        "TikTok does not know that the address of the media is yours. Verify it in TikTok's "
        "developer portal under URL properties; Settings shows the exact prefix."
    ),
    "privacy_level_option_mismatch": gettext_lazy(
        "TikTok no longer offers the audience that was chosen. Choose again who can view this post."
    ),
    "access_token_invalid": gettext_lazy(
        "TikTok no longer accepts this account's sign-in. Connect it again."
    ),
    "scope_not_authorized": gettext_lazy(
        "The account did not grant the permission to post. Connect it again and leave every "
        "permission ticked."
    ),
    "scope_permission_missed": gettext_lazy(
        "TikTok says that a permission is missing. Connect the account again and leave every "
        "permission ticked."
    ),
    "invalid_file_upload": gettext_lazy(
        "TikTok did not accept the uploaded file. Export it as MP4 with H.264 and upload it again."
    ),
    "rate_limit_exceeded": gettext_lazy("TikTok asked us to slow down."),
    "invalid_param": gettext_lazy("TikTok found a value in this post that it does not accept."),
    "invalid_params": gettext_lazy("TikTok found a value in this post that it does not accept."),
    "spam_risk_too_many_pending_share": gettext_lazy(
        "Five drafts already wait in the creator's TikTok inbox. Post or discard some there."
    ),
    "internal_error": gettext_lazy("TikTok had an error of its own."),
    "internal": gettext_lazy("TikTok had an error of its own while it processed the post."),
    "file_format_check_failed": gettext_lazy(
        "TikTok could not read the video's format. Export it as MP4 with H.264 and upload it again."
    ),
    "duration_check_failed": gettext_lazy(
        "TikTok found the video too long or too short for this creator. Upload another cut."
    ),
    "frame_rate_check_failed": gettext_lazy(
        "TikTok accepts 23 to 60 pictures a second. Export the video again within that range."
    ),
    "picture_size_check_failed": gettext_lazy(
        "TikTok accepts pictures of 360 to 4096 pixels a side. Export the video again."
    ),
    "video_pull_failed": gettext_lazy(
        "TikTok could not fetch the video from this site. Settings shows whether it can be reached."
    ),
    "photo_pull_failed": gettext_lazy(
        "TikTok could not fetch the photos from this site. Settings shows whether it can be "
        "reached."
    ),
    "publish_cancelled": gettext_lazy("The post was canceled at TikTok."),
    "auth_removed": gettext_lazy(
        "The creator withdrew the permission during processing. Connect the account again."
    ),
    "spam_risk_text": gettext_lazy(
        "TikTok finds the caption risky. Change the text, then schedule it again."
    ),
    "spam_risk": gettext_lazy("TikTok finds the content risky."),
    "invalid_publish_id": gettext_lazy("TikTok no longer knows this post's number."),
    "token_not_authorized_for_specified_publish_id": gettext_lazy(
        "TikTok says that this post belongs to another sign-in."
    ),
    "app_version_check_failed": gettext_lazy(
        "The creator's TikTok app is too old for drafts. Update it first."
    ),
    "timeout": gettext_lazy("TikTok did not answer in time."),
    "not_connected": gettext_lazy("TikTok could not be reached."),
    "connection_lost": gettext_lazy("The connection to TikTok was lost."),
    "unreadable_answer": gettext_lazy("TikTok sent an answer that could not be read."),
    "upload_url_not_allowed": gettext_lazy(
        "TikTok named an upload address that is not its own. Nothing left."
    ),
}
NOT_AUDITED = "unaudited_client_can_only_post_to_private_accounts"
# What tiktok/ says of an answer without TikTok's own words, where its code has none here.
OWN_MESSAGES = frozenset(
    {
        gettext_noop("TikTok's answer could not be read."),
        gettext_noop("The request could not be sent as it is."),
    }
)


def way_out(code: str, *, is_only_me: bool) -> list[str]:
    """The steps that lead on after TikTok answered `code`; empty when the words say it all."""
    if code != NOT_AUDITED:
        return []
    return [
        gettext(
            "In the TikTok app of this account, open Settings and privacy → Privacy and switch on "
            "Private account. “Only me” alone is not enough."
        ),
        gettext("Press Retry here.")
        if is_only_me
        else gettext("Press Edit as draft here, choose “Only me” and schedule the post again."),
        gettext(
            "Once it is published, the creator can make it public in the TikTok app: switch "
            "Private account off, then change who can watch that post."
        ),
    ]


# Where a photo post needs other words than a video.
PHOTO_WORDS = {
    "invalid_file_upload": gettext_lazy(
        "TikTok did not accept one of the photos. Save it as JPEG or WebP and upload it again."
    ),
    "file_format_check_failed": gettext_lazy(
        "TikTok could not read one of the photos. Save it as JPEG or WebP and upload it again."
    ),
    "picture_size_check_failed": gettext_lazy(
        "TikTok found one of the photos too large. Upload it again at up to 1080 by 1920 pixels."
    ),
    "spam_risk_text": gettext_lazy(
        "TikTok finds the title or the description risky. Change the text, then schedule it again."
    ),
}


def length_words(length: timedelta) -> str:
    """A length of time to a minute: “3 minutes”, “2 h 5 min”."""
    minutes = max(1, round(length / timedelta(minutes=1)))
    if minutes < 60:
        return ngettext("a minute", "{minutes} minutes", minutes).format(minutes=minutes)
    hours, rest = divmod(minutes, 60)
    if not rest:
        return gettext("{hours} h").format(hours=hours)
    return gettext("{hours} h {minutes} min").format(hours=hours, minutes=rest)


def words_for(code: str, message: str = "", kind: str = MediaKind.VIDEO) -> str:
    """A sentence for people. An unknown code is quoted with TikTok's own message.

    `kind` is what the post holds.
    """
    if kind == MediaKind.PHOTO and code in PHOTO_WORDS:
        return str(PHOTO_WORDS[code])
    if code in WORDS:
        return str(WORDS[code])
    message = gettext(message) if message in OWN_MESSAGES else message
    quoted = f"{code}: {message}" if message else code
    return gettext("TikTok answered “{quoted}”.").format(quoted=quoted)
