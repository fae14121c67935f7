"""Links for clients: made from a post's page, shown once, revoked."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Membership
from accounts.permissions import Permission, may
from calendar_app.access import ROLE_TOO_SMALL, find_for_member, team_page
from calendar_app.forms.approval import ClientLinkForm
from publishing.client_links import make_client_link, revoke_client_link, waiting_of_account
from publishing.models import ClientLink, Post
from publishing.reach import posts_within_reach

# The token waits here between the form and the one page that shows it.
SESSION_KEY = "client_link_token"
NO_ACCOUNT = gettext_lazy("Choose account and media first: a client sees the post as it will look.")


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def client_link_make(request: HttpRequest, pk: int) -> HttpResponse:
    found = find_for_member(request, Post.objects.select_related("account"), pk, Permission.VIEW)
    member = _member(request, found.team_id)
    if found.account is None or found.media_id is None:
        messages.error(request, NO_ACCOUNT)
        return redirect("post", pk)
    waiting = [post for post in waiting_of_account(member, found) if post.pk != found.pk]
    form = ClientLinkForm(request.POST or None, waiting=len(waiting), account=str(found.account))
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "post": found}
        status = 422 if request.method == "POST" else 200
        return render(request, "approvals/client_link_form.html", context, status=status)
    chosen = [found, *waiting] if form.cleaned_data["posts"] == "waiting" else [found]
    link, token = make_client_link(
        chosen,
        member,
        form.cleaned_data["client_name"],
        form.cleaned_data["days"],
        current_moment(),
        may_approve=form.cleaned_data["may_approve"],
    )
    request.session[SESSION_KEY] = [link.pk, token]
    return redirect("client_link", link.pk)


@never_cache
@require_safe
@team_page(Permission.VIEW)
def client_link(request: HttpRequest, pk: int) -> HttpResponse:
    """The link, to the person who made it and this once: its token is kept nowhere."""
    link = _find(request, pk)
    made, token = request.session.pop(SESSION_KEY, (None, ""))
    path = reverse("client_review", args=[token]) if made == pk else ""
    context = {
        "link": link,
        "address": f"{settings.SITE_URL}{path}" if path else "",
        "first_post": link.posts.first(),
    }
    return render(request, "approvals/client_link.html", context)


@require_POST
@team_page(Permission.VIEW)
def client_link_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    link = _find(request, pk)
    revoke_client_link(link, request.user, current_moment())  # type: ignore[arg-type]
    text = gettext("The link of {client} opens nothing any more.").format(client=link)
    messages.success(request, text)
    return redirect("approvals")


def _find(request: HttpRequest, pk: int) -> ClientLink:
    link = find_for_member(request, ClientLink.objects.all(), pk, Permission.VIEW)
    member = _member(request, link.team_id)
    if not posts_within_reach(member).filter(client_links=link).exists():
        raise Http404
    return link


def _member(request: HttpRequest, team_id: int) -> Membership:
    """The person's place in that team, if it is one that deals with clients."""
    member = Membership.objects.select_related("team", "user").get(
        user=request.user.pk, team=team_id
    )
    if not (may(member, Permission.PLAN) or may(member, Permission.APPROVE)):
        raise PermissionDenied(ROLE_TOO_SMALL[Permission.PLAN])
    return member
