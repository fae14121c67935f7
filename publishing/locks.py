"""The locks that a change of plans takes, in their one order: team, creators, account, post."""

from accounts.models import Team, TikTokAccount
from publishing.app_mode import lock_creators
from publishing.models import Post


def lock_to_plan(post: Post) -> Post:
    """The row as it is now, under every lock that a change of its plan needs, in their order."""
    lock_team(post.team_id)
    lock_creators()
    lock_account(post.known_account.pk)
    posts = Post.objects.select_for_update(of=("self",), no_key=True)
    return posts.select_related("account", "media", "team", "author").get(pk=post.pk)


def lock_team(team_id: int) -> None:
    """Who plans and who deletes media take turns."""
    Team.objects.select_for_update(no_key=True).only("pk").get(pk=team_id)


def lock_account(account_id: int) -> None:
    """Who plans posts of one account takes turns."""
    TikTokAccount.objects.select_for_update(no_key=True).only("pk").get(pk=account_id)
