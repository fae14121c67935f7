"""Which approvals a post has, who may give the next one, and asking for it.

An approval is of exactly one content (`Post.fingerprint`), as a consent is; the two are never the
same person's, and an approval never stands in for a consent.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext, gettext_lazy

from accounts.approval_rules import ApprovalRule, approval_rule
from accounts.models import Activity, Membership, TikTokAccount, User
from accounts.permissions import PERMISSIONS_BY_ROLE, Permission, may
from accounts.reach import SEES_ALL
from publishing.edits import TIME
from publishing.history import note_about
from publishing.leases import FREE
from publishing.models import Approval, Consent, Decision, NoticeKind, Post, StateChange
from publishing.reach import posts_within_reach
from publishing.rules import Problem
from publishing.states import State
from publishing.telling import tell

HANDED_IN = gettext_lazy(
    "Handed in for approval, with consent to exactly this content and these choices."
)
NOT_APPROVED = gettext_lazy("This content has not been approved as the team's rule demands.")
OWN_POST = gettext_lazy(
    "You wrote this post, changed it, agreed to it or handed it in, so somebody else must "
    "approve it."
)
OWN_CHANGES = gettext_lazy("This post is your own: withdraw it to change it.")
APPROVED_ALREADY = gettext_lazy(
    "You have approved it, or a client did by a link of yours. The other approval is somebody "
    "else's."
)
TOO_SMALL_A_ROLE = gettext_lazy("Only approvers, managers and owners can approve posts.")
OUT_OF_REACH = gettext_lazy("This account is limited to other members of the team.")
APPROVING_ROLES = [
    role for role, allowed in PERMISSIONS_BY_ROLE.items() if Permission.APPROVE in allowed
]


def valid_approvals(post: Post) -> QuerySet[Approval]:
    """The approvals that count, of the post as it is."""
    return post.approvals.filter(
        step__isnull=False, ended_at=None, fingerprint=post.fingerprint()
    ).order_by("step")


def requested_changes(posts: Iterable[Post]) -> list[Approval]:
    """The last request for changes of each post that nobody has approved since, oldest first."""
    answers = Approval.objects.filter(post__in=posts).select_related("person")
    asked = Q(decision=Decision.CHANGES_REQUESTED)
    last = {one.post_id: one for one in answers.filter(asked | Q(step__isnull=False))}
    found = [one for one in last.values() if one.decision == Decision.CHANGES_REQUESTED]
    return sorted(found, key=lambda one: one.at)


def given_by(person: int) -> Q:
    """Approvals of a member, or of a client for whom the member vouches by a link."""
    return Q(person=person) | Q(client_link__created_by=person)


def lacks_approval(post: Post, steps: int) -> bool:
    """Whether fewer than `steps` approvals of exactly this content are given."""
    return bool(steps) and valid_approvals(post).count() < steps


def own_people(post: Post) -> set[int]:
    """Who made the post what it is: its author, whoever changed its content, agreed to it or handed
    it in. None of them can approve it."""
    people = {post.author_id}
    people |= set(_edits().filter(post_id=post.pk).values_list("actor_id", flat=True))
    people |= set(post.consents.filter(voided_at=None).values_list("person_id", flat=True))
    handed_in = post.state_changes.filter(new=State.IN_REVIEW)
    people |= set(handed_in.values_list("actor_id", flat=True))
    return {pk for pk in people if pk}


def _edits() -> QuerySet[Activity]:
    """Changes of content, by whoever sat at a draft; every sitting is told before it is handed in
    (publishing/edits.py). Another time alone is no content."""
    edits = Activity.objects.filter(verb__in=("draft_changed", "draft_placed"))
    return edits.exclude(old__startswith=f"{gettext(TIME)}: ")


def why_not_approve(post: Post, member: Membership | None) -> str:
    """Why this member may not give the next approval, in one sentence; "" when they may."""
    if why := _why_not_answer(post, member):
        return why
    if member and member.user_id in own_people(post):
        return str(OWN_POST)
    if member and valid_approvals(post).filter(given_by(member.user_id)).exists():
        return str(APPROVED_ALREADY)
    return ""


def why_not_request(post: Post, member: Membership | None) -> str:
    """Why this member may not request changes, in one sentence; "" when they may."""
    if why := _why_not_answer(post, member):
        return why
    return str(OWN_CHANGES) if member and member.user_id in own_people(post) else ""


def _why_not_answer(post: Post, member: Membership | None) -> str:
    if member is None or not may(member, Permission.APPROVE):
        return str(TOO_SMALL_A_ROLE)
    if not posts_within_reach(member).filter(pk=post.pk).exists():
        return str(OUT_OF_REACH)
    return ""


def waiting_for(member: Membership) -> QuerySet[Post]:
    """The posts whose next approval this member may give, the most urgent first."""
    posts = posts_within_reach(member).filter(state=State.IN_REVIEW)
    if not may(member, Permission.APPROVE):
        return posts.none()
    mine = {"post": OuterRef("pk")}
    consents = Consent.objects.filter(**mine, person=member.user_id, voided_at=None)
    handed_in = StateChange.objects.filter(**mine, actor=member.user_id, new=State.IN_REVIEW)
    given = Approval.objects.filter(
        given_by(member.user_id), **mine, step__isnull=False, ended_at=None
    )
    edits = _edits().filter(post_id=OuterRef("pk"), actor=member.user_id)
    others = posts.exclude(author=member.user_id)
    return others.filter(~Exists(consents), ~Exists(handed_in), ~Exists(edits), ~Exists(given))


def approvers_of(post: Post) -> list[Membership]:
    """Who may give the next approval of this post."""
    members = post.team.memberships.filter(role__in=APPROVING_ROLES, user__is_active=True)
    if post.account and post.account.is_limited:
        members = members.filter(Q(role__in=SEES_ALL) | Q(limited_accounts=post.account))
    given = valid_approvals(post).values_list("person_id", "client_link__created_by_id")
    excluded = own_people(post) | {pk for pair in given for pk in pair if pk}
    found = members.select_related("user").order_by("joined_at", "id")
    return [one for one in found if one.user_id not in excluded]


def check_deadline(
    account: TikTokAccount, rule: ApprovalRule, due_at: datetime | None, now: datetime
) -> list[Problem]:
    """Whether there is time left for the approvals before a post of this moment must have them."""
    if not rule.steps or due_at is None or now < due_at - rule.before:
        return []
    text = (
        gettext(
            "Posts of {account} need {rule}, and that time would be over. Choose a later time."
        ).format(account=account, rule=rule.words)
        if rule.before
        else gettext(
            "Posts of {account} must be approved before they are due. Choose a later time."
        ).format(account=account)
    )
    return [Problem("due_at", "no_time_for_approval", text, account.pk)]


def hand_in(post: Post, person: User, rule: ApprovalRule, now: datetime) -> None:
    """Asks for the approvals that the rule demands; the caller has the consent and the limits."""
    if post.due_at is None:
        raise ValueError("Nobody can be asked in time about a post without a moment.")
    post.move_to(
        State.IN_REVIEW,
        now=now,
        reason=str(HANDED_IN),
        actor=person,
        approvals_needed=rule.steps,
        approve_by=post.due_at - rule.before,
        **FREE,
    )
    note_about(post, person, "post_handed_in", now)
    ask_for_approval(post, now)


def ask_for_approval(post: Post, now: datetime) -> None:
    """Tells whoever may give the next approval."""
    headline = gettext("Waits for your approval, {account}: {post}")
    text = gettext("All that waits for you: {address}")
    tell(
        post.team,
        NoticeKind.APPROVAL_ASKED,
        headline.format(account=post.account, post=post.headline),
        now,
        text=text.format(address=f"{settings.SITE_URL}/approvals/"),
        post=post,
        people={one.user_id for one in approvers_of(post)},
    )


def rule_of(post: Post) -> ApprovalRule:
    """What holds now for the post's account, read anew."""
    accounts = TikTokAccount.objects.select_related("team")
    return approval_rule(accounts.get(pk=post.known_account.pk))


def steps_still_needed(post: Post) -> int:
    """How many approvals a post that was planned before needs to go out as it is: as many as were
    demanded then, unless the rule demands fewer now."""
    return min(post.approvals_needed, rule_of(post).steps) if post.approvals_needed else 0
