"""A post: what goes out, with which choices, when, and where it stands."""

import hashlib
import json
from datetime import datetime
from uuid import uuid4

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext, gettext_lazy

from accounts.models import Team, TikTokAccount, User
from publishing.models.breaker import Breaker
from publishing.models.label import Label
from publishing.models.media import MediaAsset, MediaKind
from publishing.states import MAY_BE_INCOMPLETE, NEWS, MoveRefused, State, may_move

# Where a post stands on the calendar: when it went out, else when it should.
SHOWN_AT = Coalesce("published_at", "due_at")


class Mode(models.TextChoices):
    DIRECT = "direct", gettext_lazy("Post directly")
    INBOX = "inbox", gettext_lazy("Send to the TikTok inbox")


class Post(models.Model):
    """One post for one account. The row is also the queue entry.

    `next_action_at` is when the engine should look at it next (null: never by itself);
    `lease_token` and `lease_until` say which worker is on it. Only publishing/leases.py
    writes the lease, only `move_to` writes the state.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="posts")
    # Only a draft may still lack its account or its media.
    account = models.ForeignKey(
        TikTokAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="posts"
    )
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=8, choices=MediaKind.choices, default=MediaKind.VIDEO)
    # The video, or the photo that is the cover.
    media = models.ForeignKey(
        MediaAsset, null=True, blank=True, on_delete=models.PROTECT, related_name="posts"
    )
    labels = models.ManyToManyField(Label, blank=True, related_name="posts")
    # One posting form makes one post per account, however often it is sent.
    form_token = models.UUIDField(default=uuid4)

    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.DIRECT)
    # TikTok's `title` of a photo post; a video has a caption only.
    title = models.TextField(blank=True)
    # TikTok's `title` of a video, `description` of a photo post.
    caption = models.TextField(blank=True)
    # Empty until a person chose: TikTok allows no default.
    privacy_level = models.CharField(max_length=32, blank=True)
    allow_comment = models.BooleanField(default=False)
    allow_duet = models.BooleanField(default=False)
    allow_stitch = models.BooleanField(default=False)
    discloses_content = models.BooleanField(default=False)
    is_your_brand = models.BooleanField(default=False)
    is_branded_content = models.BooleanField(default=False)
    is_ai_generated = models.BooleanField(default=False)
    # Photo posts only: TikTok picks the music.
    auto_add_music = models.BooleanField(default=False)
    cover_timestamp_ms = models.PositiveIntegerField(null=True, blank=True)

    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    # Set when a human must know why: the problem in plain words, or what the engine waits for.
    note = models.TextField(blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    # Whether `due_at` was one of its account's slots when it was set: it follows the posting plan.
    is_queued = models.BooleanField(default=False)
    # How many approvals the rule demanded when it was handed in or scheduled, and until when.
    approvals_needed = models.PositiveSmallIntegerField(default=0)
    approve_by = models.DateTimeField(null=True, blank=True)
    # When the latest init that may have posted something was intended: the cap ledger's moment.
    init_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    public_post_id = models.CharField(max_length=32, blank=True)
    # Since when TikTok says that the published post is no longer public.
    taken_down_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=current_moment)
    updated_at = models.DateTimeField(auto_now=True)
    # Who last changed what the posting form holds.
    edited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    # The check ahead of time (publishing/preflight): when the next is, and what the last found.
    preflight_at = models.DateTimeField(null=True, blank=True)
    preflight_checked_at = models.DateTimeField(null=True, blank=True)
    # [{"code": …, "text": …}]
    preflight_problems = models.JSONField(default=list, blank=True)

    # It waits because other accounts failed (publishing/breaker.py).
    held_by = models.ForeignKey(
        Breaker, null=True, blank=True, on_delete=models.SET_NULL, related_name="held"
    )

    next_action_at = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    # False while the claim waits in the broker; a lease lost before that is nobody's fault.
    lease_is_taken = models.BooleanField(default=False)
    leases_lost = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="post_state_known"),
            models.CheckConstraint(
                condition=~Q(state=State.SCHEDULED)
                | Q(due_at__isnull=False, next_action_at__isnull=False),
                name="post_scheduled_has_moment",
            ),
            models.CheckConstraint(
                condition=~Q(is_branded_content=True, privacy_level="SELF_ONLY")
                | Q(state__in=MAY_BE_INCOMPLETE),
                name="post_branded_not_private",
            ),
            models.CheckConstraint(
                condition=Q(account__isnull=False, media__isnull=False)
                | Q(state__in=MAY_BE_INCOMPLETE),
                name="post_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.IN_REVIEW)
                | Q(approvals_needed__gte=1, approve_by__isnull=False, due_at__isnull=False),
                name="post_in_review_has_rule",
            ),
            models.UniqueConstraint(
                fields=["form_token", "account"], name="post_per_form_and_account"
            ),
            models.UniqueConstraint(
                fields=["form_token"],
                condition=Q(account__isnull=True),
                name="post_per_form_without_account",
            ),
        ]
        indexes = [
            # The claim: what is due next, whatever the table holds.
            models.Index(
                fields=["next_action_at", "id"],
                condition=Q(next_action_at__isnull=False),
                name="post_next_action",
            ),
            models.Index(
                fields=["preflight_at", "id"],
                condition=Q(state=State.SCHEDULED),
                name="post_preflight",
            ),
            # The calendar: one team, one month.
            models.Index(fields=["team", "due_at"], name="post_team_due"),
            # The same with what went out at its actual moment.
            models.Index(F("team"), SHOWN_AT, F("id"), name="post_team_shown"),
            # What waits for approval: a team's list and its count, and the sweep for what is late.
            models.Index(
                fields=["team", "due_at"],
                condition=Q(state=State.IN_REVIEW),
                name="post_in_review",
            ),
            models.Index(
                fields=["approve_by"],
                condition=Q(state=State.IN_REVIEW),
                name="post_approve_by",
            ),
            # The calendar's column of drafts without a date.
            models.Index(
                fields=["team", "-updated_at"],
                condition=Q(state=State.DRAFT, due_at=None),
                name="post_undated_draft",
            ),
            # What is overdue, and how many posts stand where.
            models.Index(fields=["state", "due_at"], name="post_state_due"),
            # The queue: what follows the plan of one account.
            models.Index(
                fields=["account", "due_at"],
                condition=Q(is_queued=True),
                name="post_queued",
            ),
            # The cap ledger: one account, two days.
            models.Index(fields=["account", "init_at"], name="post_account_init"),
        ]

    def __str__(self) -> str:
        return self.caption[:40] or gettext("Post {number}").format(number=self.pk)

    def get_state_display(self) -> str:  # type: ignore[no-redef]
        """The state in words. Django's own hashes those of all states on every call, a tenth of
        the time of a page with a hundred posts."""
        return str(State(self.state).label)

    @property
    def headline(self) -> str:
        """What people know it by: its title or caption, else its file's name."""
        file_name = self.media.original_name if self.media else ""
        return self.title or self.caption or file_name or gettext("Empty draft")

    @property
    def is_warned(self) -> bool:
        """Whether the check ahead of its time found what would stop it."""
        return self.state == State.SCHEDULED and bool(self.preflight_problems)

    def choices(self) -> dict[str, object]:
        """What a person decided, as the consent record and the fingerprint keep it."""
        shared: dict[str, object] = {
            "mode": self.mode,
            "privacy_level": self.privacy_level,
            "allow_comment": self.allow_comment,
            "discloses_content": self.discloses_content,
            "is_your_brand": self.is_your_brand,
            "is_branded_content": self.is_branded_content,
            "is_ai_generated": self.is_ai_generated,
        }
        if self.kind == MediaKind.PHOTO:
            return shared | {
                "auto_add_music": self.auto_add_music,
                "photo_cover_index": self.photo_cover_index,
            }
        return shared | {
            "allow_duet": self.allow_duet,
            "allow_stitch": self.allow_stitch,
            "cover_timestamp_ms": self.cover_timestamp_ms,
        }

    def files(self) -> list[MediaAsset]:
        """The media in the order in which TikTok gets it."""
        if self.kind == MediaKind.PHOTO:
            return [photo.media for photo in self.post_photos.select_related("media")]
        return [self.media] if self.media else []

    @property
    def known_account(self) -> TikTokAccount:
        """The account of a post that is more than an unfinished draft."""
        if self.account is None:
            raise ValueError(f"{self} has no account yet.")
        return self.account

    @property
    def known_media(self) -> MediaAsset:
        """The video or the cover of a post that is more than an unfinished draft."""
        if self.media is None:
            raise ValueError(f"{self} has no media yet.")
        return self.media

    @property
    def photo_cover_index(self) -> int:
        """TikTok's `photo_cover_index`, from 0."""
        ids = [photo.pk for photo in self.files()]
        return ids.index(self.media_id) if self.media_id in ids else 0

    def fingerprint(self) -> str:
        """SHA-256 over account, media, texts and choices; any change voids the consent."""
        content: dict[str, object] = {
            "open_id": self.account.open_id if self.account else "",
            "caption": self.caption,
            **self.choices(),
        }
        if self.kind == MediaKind.PHOTO:
            content |= {"title": self.title, "photos": [file.sha256 for file in self.files()]}
        else:
            content |= {"media_sha256": self.media.sha256 if self.media else ""}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def move_to(
        self,
        state: State,
        *,
        now: datetime,
        reason: str,
        actor: User | None = None,
        next_action_at: datetime | None = None,
        note: str = "",
        **fields: object,
    ) -> None:
        """Move to `state`, write its history row and any `fields`, in one transaction.

        Raises MoveRefused when the table forbids the move or another process moved it first, and
        then nothing of a transaction around it may stay either.
        """
        if not may_move(self.state, state):
            text = gettext("A post that is {old} cannot become {new}.")
            raise MoveRefused(text.format(old=self.state, new=state))
        fields |= {"state": state, "next_action_at": next_action_at, "note": note}
        with transaction.atomic(savepoint=False):
            moved = Post.objects.filter(pk=self.pk, state=self.state).update(
                **fields, updated_at=now
            )
            if not moved:
                raise MoveRefused(gettext("Somebody else changed this post a moment ago."))
            # A person who moves a post sees it happen; what the engine does is told.
            is_told = actor is not None or state not in NEWS
            StateChange.objects.create(
                post=self,
                old=self.state,
                new=state,
                reason=reason,
                actor=actor,
                at=now,
                is_told=is_told,
            )
        for name, value in fields.items():
            setattr(self, name, value)


class PostPhoto(models.Model):
    """A photo's place in a post, from 0."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="post_photos")
    media = models.ForeignKey(MediaAsset, on_delete=models.PROTECT, related_name="post_photos")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["post", "position"], name="one_photo_per_place"),
            models.UniqueConstraint(fields=["post", "media"], name="photo_once_per_post"),
        ]

    def __str__(self) -> str:
        return f"Photo {self.position + 1} of post {self.post_id}"


class StateChange(models.Model):
    """One move of a post: append-only."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="state_changes")
    old = models.CharField(max_length=16)
    new = models.CharField(max_length=16)
    reason = models.TextField()
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    # False until people have been told of it.
    is_told = models.BooleanField(default=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            # What is to be told: the oldest first.
            models.Index(fields=["at"], condition=Q(is_told=False), name="change_to_tell"),
        ]

    def __str__(self) -> str:
        return f"{self.old} → {self.new}"
