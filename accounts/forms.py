from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy

from accounts.models import User


class SignupForm(forms.Form):
    """What allauth's sign-up asks beside e-mail and password; the adapter stores it."""

    name = forms.CharField(max_length=80, label=gettext_lazy("Your name"))

    def signup(self, request: HttpRequest, user: User) -> None:
        """allauth requires this hook; all is done by then, with the user, in one transaction."""


class FirstOwnerForm(forms.Form):
    name = forms.CharField(max_length=80, label=gettext_lazy("Your name"))
    email = forms.EmailField(max_length=254, label=gettext_lazy("E-mail"))
    password = forms.CharField(
        strip=False,
        label=gettext_lazy("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    team_name = forms.CharField(max_length=80, label=gettext_lazy("Team name"))
    timezone = forms.CharField(max_length=64, label=gettext_lazy("Time zone"), initial="UTC")

    def clean_timezone(self) -> str:
        zone: str = self.cleaned_data["timezone"]
        if zone not in available_timezones():
            raise forms.ValidationError(gettext("Choose a time zone such as Europe/Berlin."))
        return zone

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if password := data.get("password"):
            person = User(email=data.get("email", ""), name=data.get("name", ""))
            try:
                validate_password(password, person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data
