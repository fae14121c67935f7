"""Every address of the site, asked by everybody: nobody gets more than their role allows.

A new address fails until it stands in the table. The post, the account and the notice belong to an
account that is limited to the roles' own people; "outside" is an editor whom it does not name.
"""

from collections.abc import Callable, Iterator
from datetime import time
from typing import Any
from uuid import uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.timezone import now as current_moment

from accounts.feeds import make_feed
from accounts.invitations import invite
from accounts.models import Membership, Role, SiteVerification
from publishing.client_links import make_client_link
from publishing.comments import add_comment
from publishing.day_notes import add_note
from publishing.hashtags import add_group
from publishing.importing import keep_import
from publishing.labels import add_label
from publishing.media.room import current_limits
from publishing.media.uploads import begin_upload
from publishing.models import DayNoteKind, Notice, NoticeKind, Post, PostingSlot
from tests.factories import make_account, make_member, make_team
from tests.publishing.factories import make_media, make_post

pytestmark = pytest.mark.django_db
PEOPLE = ["owner", "manager", "editor", "approver", "viewer", "stranger", "nobody", "outside"]

# One status for everybody, or one each in the order above. "in" leads to the sign-in page.
TABLE = """
account_avatar                       GET    200 200 200 200 200 404  in 404
account_avatar                       POST   405
account_callback                     GET    400 400 400 403 403 400  in 400
account_callback                     POST   405
account_connect                      GET    405
account_connect                      POST   302 302 302 403 403 302  in 302
account_delete                       GET    200 403 403 403 403 404  in 404
account_delete                       POST   409 403 403 403 403 404  in 404
account_disconnect                   GET    200 200 200 403 403 404  in 404
account_disconnect                   POST   302 302 302 403 403 404  in 404
account_gap                          GET    405
account_gap                          POST   422 422 403 403 403 404  in 403
account_limits                       GET    200 200 403 403 403 404  in 404
account_limits                       POST   302 302 403 403 403 404  in 404
account_plan                         GET    200 200 200 200 200 404  in 404
account_plan                         POST   405
accounts                             GET    200 200 200 200 200 200  in 200
accounts                             POST   405
activity                             GET    200 200 200 200 200 200  in 200
activity                             POST   405
activity_export                      GET    200 200 403 403 403 200  in 403
activity_export                      POST   405
activity_news                        GET    200 200 200 200 200 200  in 200
activity_news                        POST   405
address_check                        GET    200 200 200 403 403 200  in 200
address_check                        POST   405
address_check_again                  GET    405
address_check_again                  POST   302 403 403 403 403 403  in 403
agenda                               GET    200 200 200 200 200 200  in 200
agenda                               POST   405
appearance                           GET    405
appearance                           POST   302
approval_rules                       GET    200 200 403 403 403 200  in 403
approval_rules                       POST   422 422 403 403 403 422  in 403
approvals                            GET    200 200 200 200 200 200  in 200
approvals                            POST   405
bulk                                 GET    405
bulk                                 POST   404 404 404 403 403 404  in 404
bulk_result                          GET    302 302 302 403 403 302  in 302
bulk_result                          POST   405
bulk_undo                            GET    405
bulk_undo                            POST   302 302 302 403 403 302  in 302
calendar                             GET    200 200 200 200 200 200  in 200
calendar                             POST   405
calendar_choices                     GET    200 200 200 200 200 200  in 200
calendar_choices                     POST   302 302 302 302 302 302  in 302
calendar_feed                        GET    200 200 200 200 200 200  in 200
calendar_feed                        POST   200 200 200 200 200 200  in 200
calendar_print                       GET    200 200 200 200 200 200  in 200
calendar_print                       POST   405
calendar_tiles                       GET    200 200 200 200 200 200  in 200
calendar_tiles                       POST   405
client_answer                        GET    405
client_answer                        POST   422
client_link                          GET    200 200 200 200 403 404  in 404
client_link                          POST   405
client_link_make                     GET    200 200 200 200 403 404  in 404
client_link_make                     POST   422 422 422 422 403 404  in 404
client_link_revoke                   GET    405
client_link_revoke                   POST   302 302 302 302 403 404  in 404
client_media                         GET    200
client_media                         POST   405
client_poster                        GET    200
client_poster                        POST   405
client_review                        GET    200
client_review                        POST   405
comment_delete                       GET    200 200 403 403 403 404  in 404
comment_delete                       POST   302 302 403 403 403 404  in 404
comment_edit                         GET    200 403 403 403 403 404  in 404
comment_edit                         POST   422 403 403 403 403 404  in 404
compose                              GET    200 200 200 403 403 200  in 200
compose                              POST   200 200 200 403 403 200  in 200
compose_autosave                     GET    405
compose_autosave                     POST   422 422 422 403 403 422  in 422
compose_beside                       GET    200 200 200 403 403 200  in 200
compose_beside                       POST   405
compose_creator                      GET    200 200 200 403 403 404  in 404
compose_creator                      POST   405
compose_moment                       GET    200 200 200 403 403 200  in 200
compose_moment                       POST   405
feed                                 GET    200
feed                                 POST   405
feed_end                             GET    405
feed_end                             POST   302 302 302 302 302 302  in 302
first_run                            GET    302
first_run                            POST   302
hashtags                             GET    200 200 200 200 200 200  in 200
hashtags                             POST   405
hashtags_add                         GET    405
hashtags_add                         POST   422 422 422 403 403 422  in 422
hashtags_delete                      GET    200 200 200 403 403 404  in 200
hashtags_delete                      POST   302 302 302 403 403 404  in 302
hashtags_edit                        GET    200 200 200 403 403 404  in 200
hashtags_edit                        POST   422 422 422 403 403 404  in 422
hashtags_menu                        GET    200 200 200 403 403 200  in 200
hashtags_menu                        POST   405
health                               GET    503
health                               POST   405
home                                 GET    302 302 302 302 302 302 200 302
home                                 POST   405
import_run                           GET    200 404 404 403 403 404  in 404
import_run                           POST   422 404 404 403 403 404  in 404
import_template                      GET    200 200 200 200 200 200  in 200
import_template                      POST   405
invitation                           GET    404
invitation                           POST   404
label_delete                         GET    200 200 200 403 403 404  in 200
label_delete                         POST   302 302 302 403 403 404  in 302
label_edit                           GET    200 200 200 403 403 404  in 200
label_edit                           POST   422 422 422 403 403 404  in 422
labels                               GET    200 200 200 200 200 200  in 200
labels                               POST   405
labels_add                           GET    405
labels_add                           POST   422 422 422 403 403 422  in 422
library                              GET    200 200 200 200 200 200  in 200
library                              POST   405
media_delete                         GET    200 200 200 403 403 404  in 200
media_delete                         POST   302 302 302 403 403 404  in 302
media_file                           GET    200 200 200 200 200 404  in 200
media_file                           POST   405
media_item                           GET    200 200 200 200 200 404  in 200
media_item                           POST   405
media_poster                         GET    200 200 200 200 200 404  in 200
media_poster                         POST   405
member_hand_over                     GET    200 403 403 403 403 404  in 403
member_hand_over                     POST   302 403 403 403 403 404  in 403
member_remove                        GET    200 200 403 403 403 404  in 403
member_remove                        POST   302 302 403 403 403 404  in 403
member_role                          GET    405
member_role                          POST   302 302 403 403 403 404  in 403
metrics                              GET    200 401 401 401 401 401 401 401
metrics                              POST   405
note_delete                          GET    200 200 200 403 403 404  in 200
note_delete                          POST   302 302 302 403 403 404  in 302
note_edit                            GET    200 200 200 403 403 404  in 200
note_edit                            POST   422 422 422 403 403 404  in 422
notes                                GET    200 200 200 200 200 200  in 200
notes                                POST   422 422 422 403 403 422  in 422
notice_choices                       GET    200 200 200 200 200 200  in 200
notice_choices                       POST   422 422 422 422 422 422  in 422
notice_open                          GET    405
notice_open                          POST   302 302 302 302 302 404  in 404
notices                              GET    200 200 200 200 200 200  in 200
notices                              POST   405
notices_read                         GET    405
notices_read                         POST   404 404 404 404 404 404  in 404
openid_connect_callback              GET    404
openid_connect_callback              POST   404
operations                           GET    200 403 403 403 403 403  in 403
operations                           POST   405
outbox                               GET    200 403 403 403 403 403  in 403
outbox                               POST   405
person_delete                        GET    302 302 302 302 302 302  in 302
person_delete                        POST   302 302 302 302 302 302  in 302
post                                 GET    200 200 200 200 200 404  in 404
post                                 POST   405
post_again                           GET    302 302 302 403 403 404  in 404
post_again                           POST   302 302 302 403 403 404  in 404
post_approve                         GET    405
post_approve                         POST   302 302 403 302 403 404  in 404
post_bundle                          GET    200 200 200 403 403 404  in 404
post_bundle                          POST   405
post_cancel                          GET    405
post_cancel                          POST   302 302 302 403 403 404  in 404
post_comment                         GET    405
post_comment                         POST   422 422 422 422 403 404  in 404
post_comments                        GET    200 200 200 200 200 404  in 404
post_comments                        POST   405
post_consent_json                    GET    200 200 200 200 200 404  in 404
post_consent_json                    POST   405
post_hand_in                         GET    405
post_hand_in                         POST   422 422 422 403 403 404  in 404
post_labels                          GET    200 200 200 403 403 404  in 404
post_labels                          POST   302 302 302 403 403 404  in 404
post_move                            GET    200 200 200 403 403 404  in 404
post_move                            POST   422 422 422 403 403 404  in 404
post_reopen                          GET    405
post_reopen                          POST   302 302 302 403 403 404  in 404
post_request_changes                 GET    405
post_request_changes                 POST   422 422 403 422 403 404  in 404
post_reschedule                      GET    405
post_reschedule                      POST   422 422 422 403 403 404  in 404
post_retry                           GET    405
post_retry                           POST   302 302 302 403 403 404  in 404
post_status                          GET    200 200 200 200 200 404  in 404
post_status                          POST   405
posts_csv                            GET    200 200 200 200 200 200  in 200
posts_csv                            POST   405
posts_import                         GET    200 200 200 200 200 200  in 200
posts_import                         POST   422 422 422 403 403 422  in 422
privacy                              GET    200
privacy                              POST   405
product_icon                         GET    404
product_icon                         POST   405
queue                                GET    200 200 200 200 200 200  in 200
queue                                POST   405
queue_add                            GET    405
queue_add                            POST   302 302 302 403 403 404  in 404
queue_move                           GET    405
queue_move                           POST   302 302 302 403 403 404  in 404
queue_remove                         GET    200 200 200 403 403 404  in 404
queue_remove                         POST   302 302 302 403 403 404  in 404
session_end                          GET    405
session_end                          POST   302 404 404 404 404 404  in 404
sessions                             GET    200 200 200 200 200 200  in 200
sessions                             POST   405
sessions_end_others                  GET    405
sessions_end_others                  POST   302 302 302 302 302 302  in 302
script_texts                           GET    200
script_texts                           POST   405
settings                             GET    200 200 200 200 200 200  in 200
settings                             POST   422 422 422 422 422 422  in 422
shortcuts                            GET    200 200 200 200 200 200  in 200
shortcuts                            POST   405
simulator                            GET    502 502 502 502 502 502  in 502
simulator                            POST   502 502 502 502 502 502  in 502
slot_remove                          GET    405
slot_remove                          POST   302 302 403 403 403 404  in 403
slots_add                            GET    405
slots_add                            POST   422 422 403 403 403 404  in 403
sso_login                            GET    404
sso_login                            POST   405
team                                 GET    200 200 200 200 200 200  in 200
team                                 POST   405
team_delete                          GET    200 403 403 403 403 200  in 403
team_delete                          POST   422 403 403 403 403 422  in 403
team_invite                          GET    405
team_invite                          POST   422 422 403 403 403 422  in 403
team_new                             GET    200 200 403 403 403 200  in 403
team_new                             POST   422 422 403 403 403 422  in 403
team_revoke                          GET    405
team_revoke                          POST   302 302 403 403 403 404  in 403
team_switch                          GET    405
team_switch                          POST   302 302 302 302 302 404  in 302
terms                                GET    200
terms                                POST   405
tiktok_webhook                       GET    405
tiktok_webhook                       POST   400
upload                               GET    405
upload                               POST   405
upload                               HEAD   200 404 404 404 404 404 401 404
upload                               DELETE 204 404 404 404 404 404 401 404
upload_media                         GET    405
upload_media                         POST   404 404 404 404 404 404 401 404
uploads                              GET    405
uploads                              POST   201 201 201 403 403 201 401 201
verification                         GET    200 403 403 403 403 403  in 403
verification                         POST   422 403 403 403 403 403  in 403
verification_remove                  GET    405
verification_remove                  POST   302 403 403 403 403 403  in 403
web_health                           GET    200
web_health                           POST   405
"""

# allauth's own pages are about the signed-in person alone; here is who may be there at all.
OF_ALLAUTH = """
account_change_password              GET    200 200 200 200 200 200  in 200
account_change_password              POST   200 200 200 200 200 200  in 200
account_confirm_email                GET    200
account_confirm_email                POST   404
account_confirm_login_code           GET    302 302 302 302 302 302  in 302
account_confirm_login_code           POST   302 302 302 302 302 302  in 302
account_email                        GET    200 200 200 200 200 200  in 200
account_email                        POST   302 302 302 302 302 302  in 302
account_email_verification_sent      GET    200
account_email_verification_sent      POST   405
account_inactive                     GET    200
account_inactive                     POST   405
account_login                        GET    302 302 302 302 302 302 200 302
account_login                        POST   302 302 302 302 302 302 200 302
account_logout                       GET    200 200 200 200 200 200 302 200
account_logout                       POST   302
account_reauthenticate               GET    200 200 200 200 200 200  in 200
account_reauthenticate               POST   200 200 200 200 200 200  in 200
account_reset_password               GET    200
account_reset_password               POST   200
account_reset_password_done          GET    200
account_reset_password_done          POST   405
account_reset_password_from_key      GET    200
account_reset_password_from_key      POST   200
account_reset_password_from_key_done GET    200
account_reset_password_from_key_done POST   405
account_set_password                 GET    302 302 302 302 302 302  in 302
account_set_password                 POST   302 302 302 302 302 302  in 302
account_signup                       GET    302 302 302 302 302 302 200 302
account_signup                       POST   302 302 302 302 302 302 200 302
mfa_activate_totp                    GET    302 302 302 302 302 302  in 302
mfa_activate_totp                    POST   302 302 302 302 302 302  in 302
mfa_authenticate                     GET    302 302 302 302 302 302  in 302
mfa_authenticate                     POST   302 302 302 302 302 302  in 302
mfa_deactivate_totp                  GET    404 404 404 404 404 404  in 404
mfa_deactivate_totp                  POST   404 404 404 404 404 404  in 404
mfa_download_recovery_codes          GET    404 404 404 404 404 404  in 404
mfa_download_recovery_codes          POST   404 404 404 404 404 404  in 404
mfa_generate_recovery_codes          GET    302 302 302 302 302 302  in 302
mfa_generate_recovery_codes          POST   302 302 302 302 302 302  in 302
mfa_index                            GET    200 200 200 200 200 200  in 200
mfa_index                            POST   405 405 405 405 405 405  in 405
mfa_reauthenticate                   GET    302 302 302 302 302 302  in 302
mfa_reauthenticate                   POST   302 302 302 302 302 302  in 302
mfa_view_recovery_codes              GET    404 404 404 404 404 404  in 404
mfa_view_recovery_codes              POST   405 405 405 405 405 405  in 405
socialaccount_connections            GET    200 200 200 200 200 200  in 200
socialaccount_connections            POST   200 200 200 200 200 200  in 200
socialaccount_login_cancelled        GET    200
socialaccount_login_cancelled        POST   405
socialaccount_login_error            GET    401
socialaccount_login_error            POST   405
socialaccount_signup                 GET     in
socialaccount_signup                 POST    in
"""

# What each of these needs to come as far as the question who asks.
SENT: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "account_limits": lambda ids: {"who": "everybody"},
    "member_role": lambda ids: {"role": Role.EDITOR},
    "media_delete": lambda ids: {"media": ids["media"]},
    "team_switch": lambda ids: {"team": ids["team"]},
}
HEADERS = {"Tus-Resumable": "1.0.0", "Upload-Length": "100", "Upload-Offset": "0"}
PARTS = {
    "account_confirm_email": {"key": "abc"},
    "account_reset_password_from_key": {"uidb36": "1", "key": "abc"},
    "openid_connect_callback": {"provider_id": "sso"},
    "simulator": {"path": "x"},
}
# Which object an address names, by the first word of its name.
NAMES = {
    "account": "account",
    "comment": "comment",
    "compose": "account",
    "hashtags": "group",
    "import": "run",
    "label": "label",
    "media": "media",
    "member": "member",
    "note": "note",
    "notice": "notice",
    "post": "post",
    "queue": "post",
    "session": "session",
    "slots": "account",
    "team": "invitation",
    "upload": "upload",
    "verification": "verification",
}
# Addresses of which the first word says too little.
PARTS_OF: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "client_answer": lambda ids: {"token": ids["link_token"], "pk": ids["post"]},
    "client_link": lambda ids: {"pk": ids["link"]},
    "client_link_make": lambda ids: {"pk": ids["post"]},
    "client_link_revoke": lambda ids: {"pk": ids["link"]},
    "client_media": lambda ids: {"token": ids["link_token"], "pk": ids["media"]},
    "client_poster": lambda ids: {"token": ids["link_token"], "pk": ids["media"]},
    "client_review": lambda ids: {"token": ids["link_token"]},
    "feed": lambda ids: {"token": ids["feed_token"]},
    "slot_remove": lambda ids: {"pk": ids["account"], "slot": ids["slot"]},
}
# Without names: favicon, the simulator's front page, what TikTok fetches, its verification file.
UNNAMED = 7


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may see a page is decided before it is drawn, and drawing takes most of the time."""
    drawing = "django.template.backends.django.Template.render"
    monkeypatch.setattr(drawing, lambda *given, **more: "")


@pytest.fixture
def team(db: None) -> Any:
    """The site's first team, whose owner runs it."""
    return make_team()


@pytest.fixture
def people(team: Any) -> dict[str, Membership | None]:
    members: dict[str, Membership | None] = {role: make_member(team, role) for role in Role.values}
    members["outside"] = make_member(team, Role.EDITOR)
    return members | {"stranger": make_member(), "nobody": None}


@pytest.fixture
def ids(team: Any, people: dict[str, Any]) -> dict[str, Any]:
    """What the addresses name. The notices are whoever's they are asked by."""
    now, owner = current_moment(), people["owner"].user
    account = make_account(team, is_limited=True)
    account.avatar.save("avatar.jpg", ContentFile(b"picture"))
    account.allowed_members.set([people[role] for role in Role.values])
    media = make_media(team)
    media.poster.save("poster.jpg", ContentFile(b"picture"))
    post = make_post(account, media=media, author=owner)
    Post.objects.update(state="failed")
    invitation, _ = invite(team, "new@example.com", Role.VIEWER, owner, now)
    slot = PostingSlot.objects.create(account=account, weekday=1, clock=time(18, 30))
    link, link_token = make_client_link([post], people["owner"], "Mara", 7, now)
    upload = begin_upload(team, owner, "film.mp4", 100, current_limits(), 3600, now)
    return {
        "team": team.pk,
        "account": account.pk,
        "post": post.pk,
        "media": media.pk,
        "member": make_member(team, Role.VIEWER).pk,
        "group": add_group(team, owner, "Morning", ["#bread"], now).pk,
        "invitation": invitation.pk,
        "upload": upload.pk,
        "session": UserSession.objects.create(user=owner, session_key="x", ip="::1").pk,
        "comment": add_comment(post, owner, "Nice", now).pk,
        "feed_token": make_feed(people["owner"], now),
        "label": add_label(team, owner, "Spring", 1, now).pk,
        "link": link.pk,
        "link_token": link_token,
        "note": add_note(team, owner, now.date(), DayNoteKind.NOTE, "Launch", now).pk,
        "run": keep_import(team, owner, "plan.csv", [], now).pk,
        "slot": slot.pk,
        "verification": SiteVerification.objects.create(token="abc").pk,
    }


def notice_for(member: Membership | None, post_id: int) -> int:
    post = Post.objects.get(pk=post_id)
    person = member.user if member else post.author
    return Notice.objects.create(
        person=person,
        team=post.team,
        kind=NoticeKind.FAILED,
        post=post,
        account=post.account,
        headline="Not posted",
        key=str(uuid4()),
    ).pk


def named_patterns(resolver: Any = None) -> Iterator[URLPattern | URLResolver]:
    """Our own; an include stands for its addresses."""
    yield from (resolver or get_resolver()).url_patterns


def names_of_includes() -> set[str]:
    includes = [one for one in named_patterns() if isinstance(one, URLResolver)]
    return {name for one in includes for name in one.reverse_dict if isinstance(name, str)} - {
        one.name for one in named_patterns() if isinstance(one, URLPattern)
    }


def rows(table: str) -> list[tuple[str, str, list[str]]]:
    lines = [line.split() for line in table.strip().splitlines()]
    return [
        (name, method, found if len(found) > 1 else found * len(PEOPLE))
        for name, method, *found in lines
    ]


def address_of(name: str, ids: dict[str, Any]) -> str:
    pattern = next((one for one in named_patterns() if getattr(one, "name", "") == name), None)
    if name in PARTS_OF:
        return reverse(name, kwargs=PARTS_OF[name](ids))
    if pattern is None or ":pk>" not in str(pattern.pattern):
        return reverse(name, kwargs=PARTS.get(name))
    return reverse(name, args=[ids[NAMES[name.split("_")[0]]]])


def status_of(cookies: Any, method: str, address: str, sent: dict[str, Any]) -> str:
    """What one cell answers; whatever it did, signing out too, is undone."""
    client = Client()
    client.cookies.load({name: cookie.value for name, cookie in cookies.items()})
    with transaction.atomic():
        response = getattr(client, method.lower())(address, sent, headers=HEADERS)
        transaction.set_rollback(True)
    if response.streaming:
        # Else its file stays open.
        list(response.streaming_content)
    is_sign_in = response.status_code == 302 and response.url.startswith(reverse("account_login"))
    return "in" if is_sign_in else str(response.status_code)


@pytest.fixture
def ask(people: dict[str, Any], ids: dict[str, Any]) -> Callable[[str, str], str]:
    def asking(who: str) -> Callable[[str, str], str]:
        member = people[who]
        client = Client()
        if member:
            client.force_login(member.user)
        mine = ids | {"notice": notice_for(member, ids["post"])}

        def one(name: str, method: str) -> str:
            sent = SENT[name](mine) if name in SENT else {}
            return status_of(client.cookies, method, address_of(name, mine), sent)

        return one

    return asking  # type: ignore[return-value]


def test_every_address_stands_in_the_table():
    ours = [one for one in named_patterns() if isinstance(one, URLPattern)]

    assert {one.name for one in ours if one.name} == {name for name, _, _ in rows(TABLE)}
    assert sum(not one.name for one in ours) == UNNAMED
    assert names_of_includes() == {name for name, _, _ in rows(OF_ALLAUTH)}


def test_every_address_is_asked_both_ways():
    for table in (TABLE, OF_ALLAUTH):
        asked = [(name, method) for name, method, _ in rows(table)]
        assert len(asked) == len(set(asked))
        names = {name for name, _ in asked}
        assert {(name, method) for name in names for method in ("GET", "POST")} <= set(asked)


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_gets_what_the_table_says(who, ask):
    asking, column = ask(who), PEOPLE.index(who)

    wrong = {
        f"{name} {method}": (found, expected[column])
        for name, method, expected in [*rows(TABLE), *rows(OF_ALLAUTH)]
        if (found := asking(name, method)) != expected[column]
    }

    assert wrong == {}
