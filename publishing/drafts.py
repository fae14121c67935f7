"""The posting form kept as drafts: one for each account, however often it is saved."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext, gettext_lazy

from accounts.models import Team, User
from accounts.reach import accounts_hidden_from
from publishing.conflicts import Conflict, conflict_with_drafts, conflict_with_sent
from publishing.consent import void_consents
from publishing.edits import facts_of, is_untold, note_edit, settle_edit
from publishing.history import note_about
from publishing.locks import lock_team
from publishing.models import Label, MediaAsset, Post, PostPhoto
from publishing.plan import Plan
from publishing.refusals import PostRefused
from publishing.rules import Problem, media_deleted
from publishing.slots import is_slot
from publishing.states import MoveRefused, State

CHANGED_ELSEWHERE = gettext_lazy(
    "This draft was changed in another tab or by somebody else. Look at both."
)
FORM_USED = gettext_lazy("This form was already used. Open the calendar to see its post.")


class ChangedElsewhere(PostRefused):
    """What would be lost is in `conflict`."""

    def __init__(self, conflict: Conflict) -> None:
        text = FORM_USED if conflict.sent else CHANGED_ELSEWHERE
        super().__init__([Problem("form_token", "changed_elsewhere", str(text))])
        self.conflict = conflict


def save_drafts(
    team: Team,
    author: User,
    plans: Sequence[Plan],
    form_token: UUID,
    now: datetime,
    seen_at: datetime | None = None,
) -> list[Post]:
    """Keeps the form as one draft per account; the same form always means the same posts.

    An account that the form no longer names loses its draft. Raises PostRefused when one of the
    posts is a draft no more, and ChangedElsewhere when something would be lost that somebody wrote
    after `seen_at`.
    """
    with transaction.atomic():
        lock_team(team.pk)
        refuse_overwriting(team, author, plans, form_token, seen_at, now)
        return write_drafts(team, author, plans, form_token, now)


def drafts_changed_at(team: Team, person: User, form_token: UUID) -> datetime | None:
    """When the drafts of this form that the person may see were last saved; None without any."""
    drafts = posts_of_form(team, person, form_token).filter(state=State.DRAFT)
    latest: datetime | None = drafts.aggregate(at=Max("updated_at"))["at"]
    return latest


def posts_of_form(team: Team, person: User, form_token: UUID) -> QuerySet[Post]:
    """A form may also have made posts for accounts outside the person's reach; they stay alone."""
    hidden = accounts_hidden_from(person).filter(team=team)
    posts = Post.objects.filter(team=team, form_token=form_token)
    return posts.filter(Q(account=None) | ~Q(account__in=hidden))


def save_draft(team: Team, author: User, plan: Plan, form_token: UUID, now: datetime) -> Post:
    """`save_drafts` for a form with one account, or none yet."""
    [post] = save_drafts(team, author, [plan], form_token, now)
    return post


def refuse_overwriting(
    team: Team,
    person: User,
    plans: Sequence[Plan],
    form_token: UUID,
    seen_at: datetime | None,
    now: datetime,
) -> None:
    """Runs under the team's lock."""
    posts = posts_of_form(team, person, form_token)
    conflict = conflict_with_drafts(posts, person, plans, seen_at)
    conflict = conflict or conflict_with_sent(posts, plans, now)
    if conflict:
        raise ChangedElsewhere(conflict)


def write_drafts(
    team: Team, author: User, plans: Sequence[Plan], form_token: UUID, now: datetime
) -> list[Post]:
    """Runs under the team's lock: a form saved and scheduled at once is written once."""
    _refuse_deleted(plans)
    rows = {
        post.account_id: post
        for post in posts_of_form(team, author, form_token).select_for_update(of=("self",))
    }
    wanted = {plan.account.pk if plan.account else None for plan in plans}
    spare = rows.get(None) if None not in wanted else None
    posts = []
    for plan in plans:
        post = rows.get(plan.account.pk if plan.account else None)
        if post is None and spare is not None:
            post, spare = spare, None
        if post is None:
            post = Post(team=team, author=author, form_token=form_token, created_at=now)
        posts.append(_write_draft(post, author, plan, now))
    for account_id, post in rows.items():
        if account_id not in wanted and post not in posts:
            _take_off(post, author, now)
    return posts


def _refuse_deleted(plans: Sequence[Plan]) -> None:
    """Runs under the team's lock: a file that was chosen may have been deleted since."""
    chosen = {file.pk: file for plan in plans for file in (plan.media, *plan.files()) if file}
    there = MediaAsset.objects.filter(pk__in=chosen, deleted_at=None).values_list("pk", flat=True)
    if gone := chosen.keys() - set(there):
        raise PostRefused([media_deleted(chosen[pk]) for pk in sorted(gone)])


def refuse_lost_files(post: Post) -> None:
    """The same for a post that is to be sent as it is."""
    lost = [file for file in Post.objects.get(pk=post.pk).files() if file.deleted_at]
    if lost:
        text = gettext(
            "“{file}” was deleted from the media library. Edit the post as a draft and choose "
            "another file."
        )
        raise MoveRefused(text.format(file=lost[0]))


def _write_draft(post: Post, author: User, plan: Plan, now: datetime) -> Post:
    if post.state != State.DRAFT:
        raise PostRefused([Problem("form_token", "form_used", str(FORM_USED))])
    before = facts_of(post) if post.pk else None
    values = {field.name: getattr(plan, field.name) for field in fields(plan)}
    del values["photos"], values["labels"]
    values["is_queued"] = is_slot(plan.account, plan.due_at)
    values["edited_by"] = author
    for name, value in values.items():
        setattr(post, name, value)
    try:
        with transaction.atomic():
            post.save(update_fields=[*values, "updated_at"] if post.pk else None)
    except IntegrityError as error:
        raise PostRefused([Problem("form_token", "form_used", str(FORM_USED))]) from error
    _write_photos(post, plan)
    _write_labels(post, plan)
    void_consents(post, author, now)
    note_edit(post, author, before, now)
    return post


def _write_photos(post: Post, plan: Plan) -> None:
    wanted = [photo.pk for photo in plan.photos]
    if list(post.post_photos.values_list("media_id", flat=True)) == wanted:
        return
    post.post_photos.all().delete()
    PostPhoto.objects.bulk_create(
        PostPhoto(post=post, media_id=pk, position=place) for place, pk in enumerate(wanted)
    )


def _write_labels(post: Post, plan: Plan) -> None:
    """Without those deleted since the form was opened."""
    wanted = [label.pk for label in plan.labels]
    post.labels.set(Label.objects.filter(team=post.team_id, pk__in=wanted) if wanted else ())


def _take_off(post: Post, actor: User, now: datetime) -> None:
    """The form no longer names this post's account; what once was more than a draft leaves a
    trace."""
    if post.state != State.DRAFT:
        return
    if not is_untold(post):
        settle_edit(post)
        note_about(post, actor, "draft_removed", now)
    if post.state_changes.exists():
        reason = gettext("The account was taken off the posting form.")
        post.move_to(State.CANCELED, now=now, reason=reason, actor=actor)
    else:
        post.delete()
