"""Which of a team's posts, and of what was done to them, a member may see."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Activity, Membership, TikTokAccount
from accounts.reach import SEES_ALL, accounts_within_reach
from publishing.models import Post


def posts_within_reach(member: Membership) -> QuerySet[Post]:
    """The team's posts, without those of accounts limited to other members.

    A draft without an account is everybody's.
    """
    return Post.objects.filter(within_reach(member), team=member.team_id)


def within_reach(member: Membership, path: str = "") -> Q:
    """Narrows rows of the member's team to those whose account the member may see.

    `path` leads from the row to what has the account, as "post__" does from a photo of a post.
    """
    if member.role in SEES_ALL:
        return Q()
    seen = Q(**{f"{path}account__in": accounts_within_reach(member)})
    return seen | Q(**{f"{path}account": None})


def members_within_reach(post: Post) -> QuerySet[Membership]:
    """The active members of the post's team who may see it."""
    members = Membership.objects.filter(team=post.team_id, user__is_active=True)
    if post.account is None or not post.account.is_limited:
        return members
    allowed = post.account.allowed_members.values("pk")
    return members.filter(Q(role__in=SEES_ALL) | Q(pk__in=allowed))


def activities_within_reach(member: Membership) -> QuerySet[Activity]:
    """The team's history, without what concerns accounts limited to other members.

    What concerned an account that is gone is for those who see all.
    """
    rows = Activity.objects.filter(team=member.team_id)
    if member.role in SEES_ALL:
        return rows
    reach = list(accounts_within_reach(member).values_list("pk", flat=True))
    others = TikTokAccount.objects.filter(team=member.team_id).exclude(pk__in=reach)
    # A draft may have come to its account after what was done to it.
    hidden = Post.objects.filter(pk=OuterRef("post_id"), account__in=others)
    return rows.filter(Q(account=None) | Q(account__in=reach)).exclude(Exists(hidden))
