"""Forms about people and teams."""

from collections.abc import Iterable
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext, gettext_lazy

from accounts.forms import FirstOwnerForm
from accounts.models import Membership, Role, TikTokAccount, User
from accounts.permissions import may_grant


@cache
def zone_choices() -> list[tuple[str, str]]:
    """Every zone with a city's name, and UTC."""
    cities = {name for name in available_timezones() if "/" in name and _is_city(name)}
    return [(name, name.replace("_", " ")) for name in ["UTC", *sorted(cities)]]


def _is_city(name: str) -> bool:
    return not name.startswith(("Etc/", "SystemV/", "US/", "posix/", "right/"))


class WelcomeForm(FirstOwnerForm):
    timezone = forms.ChoiceField(  # type: ignore[assignment]
        label=gettext_lazy("Time zone"),
        choices=zone_choices,
        initial="UTC",
        help_text=gettext_lazy(
            "The calendar shows its times in this zone. People can choose their own."
        ),
        widget=forms.Select(attrs={"data-guesses-zone": ""}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = gettext("At least 10 characters.")


ROLE_WORDS = {
    Role.EDITOR: gettext_lazy("Editor: plans posts, connects TikTok accounts"),
    Role.APPROVER: gettext_lazy("Approver: comments on posts and approves them"),
    Role.VIEWER: gettext_lazy("Viewer: looks at everything, changes nothing"),
    Role.MANAGER: gettext_lazy("Manager: an editor and approver who also looks after the team"),
    Role.OWNER: gettext_lazy("Owner: everything, deleting too"),
}
NOT_YOURS = {
    "invalid_choice": gettext_lazy("You cannot give this role. Choose one of those offered.")
}


class InviteForm(forms.Form):
    email = forms.EmailField(max_length=254, label=gettext_lazy("E-mail"))
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        initial=Role.EDITOR,
        widget=forms.RadioSelect,
        error_messages=NOT_YOURS,
    )

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(role, words) for role, words in ROLE_WORDS.items() if may_grant(by, role)]
        self.fields["role"].choices = offered  # type: ignore[attr-defined]


class RoleForm(forms.Form):
    """The role of one member, as one row of a list."""

    role = forms.ChoiceField(error_messages=NOT_YOURS)

    def __init__(self, data: Any = None, *, member: Membership, by: Membership) -> None:
        initial = {"role": member.role}
        super().__init__(data, initial=initial, auto_id=f"member-{member.pk}-%s")
        self.member = member
        self.fields["role"].label = gettext("Role of {name}").format(name=member.user)
        offered = [(role.value, role.label) for role in Role if may_grant(by, role)]
        self.fields["role"].choices = offered  # type: ignore[attr-defined]


class TeamForm(forms.Form):
    name = forms.CharField(max_length=80, label=gettext_lazy("Team name"))
    timezone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=zone_choices,
        initial="UTC",
        help_text=gettext_lazy(
            "The calendar shows its times in this zone. People can choose their own."
        ),
        widget=forms.Select(attrs={"data-guesses-zone": ""}),
    )


class LimitsForm(forms.Form):
    """Everybody in the team, or owners, managers and the ticked members."""

    who = forms.ChoiceField(
        label=gettext_lazy("Who may see and use it"),
        choices=[
            ("everybody", gettext_lazy("Everybody in the team")),
            ("named", gettext_lazy("Owners, managers and the people ticked below")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose who may use it.")},
    )
    members = forms.MultipleChoiceField(
        label=gettext_lazy("These people"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": gettext_lazy("Somebody ticked here is no longer in the team.")
        },
    )

    def __init__(
        self,
        data: Any = None,
        *,
        account: TikTokAccount,
        members: Iterable[Membership],
        named: Iterable[Membership],
    ) -> None:
        initial = {
            "who": "named" if account.is_limited else "everybody",
            "members": [member.pk for member in named],
        }
        super().__init__(data, initial=initial, auto_id=f"account-{account.pk}-%s")
        self.known = {str(member.pk): member for member in members}
        self.fields["members"].choices = [  # type: ignore[attr-defined]
            (pk, f"{member.user} ({member.get_role_display().lower()})")
            for pk, member in self.known.items()
        ]

    def named(self) -> list[Membership] | None:
        """The ticked members, None for everybody."""
        if self.cleaned_data["who"] == "everybody":
            return None
        return [self.known[pk] for pk in self.cleaned_data["members"]]


class PersonForm(forms.ModelForm):
    timezone = forms.ChoiceField(label=gettext_lazy("Your time zone"), required=False)
    name = forms.CharField(max_length=80, label=gettext_lazy("Your name"))

    class Meta:
        model = User
        fields = ["name", "timezone"]

    def __init__(self, *args: Any, team_zone: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        same = gettext("The team’s zone")
        if team_zone:
            same = gettext("The team’s zone ({zone})").format(zone=team_zone)
        self.fields["timezone"].choices = [("", same), *zone_choices()]  # type: ignore[attr-defined]
