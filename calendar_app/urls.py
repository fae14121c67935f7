from django.urls import include, path

from calendar_app.pages import (
    accounts,
    appearance,
    first_run,
    health,
    home,
    invitation,
    outbox,
    settings,
    simulator,
    team,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("account/", include("allauth.account.urls")),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/connect/", accounts.account_connect, name="account_connect"),
    path("accounts/callback/", accounts.account_callback, name="account_callback"),
    path("accounts/<int:pk>/avatar/", accounts.account_avatar, name="account_avatar"),
    path("accounts/<int:pk>/disconnect/", accounts.account_disconnect, name="account_disconnect"),
    path("appearance/", appearance.appearance, name="appearance"),
    path("healthz", health.health, name="health"),
    path("invitation/", invitation.invitation, name="invitation"),
    path("mail/", outbox.outbox, name="outbox"),
    path("settings/", settings.person, name="settings"),
    path("simulator/", simulator.simulator, {"path": ""}),
    path("simulator/<path:path>", simulator.simulator, name="simulator"),
    path("team/", team.team, name="team"),
    path("team/invitations/<int:pk>/revoke/", team.team_revoke, name="team_revoke"),
    path("team/invite/", team.team_invite, name="team_invite"),
    path("welcome/", first_run.first_run, name="first_run"),
]
