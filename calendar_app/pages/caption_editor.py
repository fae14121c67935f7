"""What the posting screen's caption editor shows beside the form's own fields."""

from datetime import datetime
from typing import Any

from accounts.models import Membership
from publishing.hashtags import used_hashtags
from publishing.models import HashtagGroup
from tiktok.captions import (
    FEED_LINES,
    FEED_UTF16,
    MAX_PHOTO_DESCRIPTION_UTF16,
    MAX_PHOTO_TITLE_UTF16,
    MAX_VIDEO_CAPTION_UTF16,
)

# So many are matched while a hashtag is typed; so many stand there unasked.
SUGGESTED = 200
OFFERED = 12


def caption_context(member: Membership, now: datetime) -> dict[str, Any]:
    used = [hashtag for hashtag, _ in used_hashtags(member, now, SUGGESTED)]
    return {
        "caption_limits": {
            "video": MAX_VIDEO_CAPTION_UTF16,
            "photo": MAX_PHOTO_DESCRIPTION_UTF16,
            "title": MAX_PHOTO_TITLE_UTF16,
            "feed": FEED_UTF16,
            "feed_lines": FEED_LINES,
        },
        "hashtag_groups": HashtagGroup.objects.filter(team=member.team_id),
        "used_hashtags": used,
        "offered_hashtags": used[:OFFERED],
    }
