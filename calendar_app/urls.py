from django.urls import include, path

from calendar_app.pages import appearance, health, home

urlpatterns = [
    path("", home.home, name="home"),
    path("account/", include("allauth.account.urls")),
    path("appearance/", appearance.appearance, name="appearance"),
    path("healthz", health.health, name="health"),
]
