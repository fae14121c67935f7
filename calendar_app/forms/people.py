"""Forms about people and teams."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms

from accounts.forms import FirstOwnerForm
from accounts.models import Role, User


@cache
def zone_choices() -> list[tuple[str, str]]:
    """Every zone with a city's name, and UTC."""
    cities = {name for name in available_timezones() if "/" in name and _is_city(name)}
    return [(name, name.replace("_", " ")) for name in ["UTC", *sorted(cities)]]


def _is_city(name: str) -> bool:
    return not name.startswith(("Etc/", "SystemV/", "US/", "posix/", "right/"))


class WelcomeForm(FirstOwnerForm):
    timezone = forms.ChoiceField(  # type: ignore[assignment]
        label="Time zone",
        choices=zone_choices,
        initial="UTC",
        help_text="The calendar shows its times in this zone. People can choose their own.",
        widget=forms.Select(attrs={"data-guesses-zone": ""}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = "At least 10 characters."


class InviteForm(forms.Form):
    email = forms.EmailField(max_length=254, label="E-mail")
    role = forms.ChoiceField(
        choices=[
            (Role.EDITOR, "Editor: plans posts, connects TikTok accounts"),
            (Role.VIEWER, "Viewer: looks at everything, changes nothing"),
            (Role.OWNER, "Owner: everything, the team too"),
        ],
        label="Role",
        initial=Role.EDITOR,
        widget=forms.RadioSelect,
    )


class PersonForm(forms.ModelForm):
    timezone = forms.ChoiceField(label="Your time zone", required=False)
    name = forms.CharField(max_length=80, label="Your name")

    class Meta:
        model = User
        fields = ["name", "timezone"]

    def __init__(self, *args: Any, team_zone: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        same = f"The team’s zone ({team_zone})" if team_zone else "The team’s zone"
        self.fields["timezone"].choices = [("", same), *zone_choices()]  # type: ignore[attr-defined]
