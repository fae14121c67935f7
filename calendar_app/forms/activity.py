"""Which part of the team's history a person wants to see; all of it stands in the address."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from accounts.activity import VERBS
from accounts.models import Team, User
from calendar_app.forms.days import DayField
from calendar_app.wall_time import day_end, day_start
from publishing.history import Place, Search, read_place

# What stands before the "_" of a verb → how the list of actions calls it.
GROUPS = {
    "post": gettext_lazy("Posts"),
    "draft": gettext_lazy("Drafts"),
    "queue": gettext_lazy("Queue"),
    "posts": gettext_lazy("Imports"),
    "comment": gettext_lazy("Comments"),
    "approval": gettext_lazy("Approval"),
    "changes": gettext_lazy("Approval"),
    "client": gettext_lazy("Clients"),
    "labels": gettext_lazy("Labels"),
    "note": gettext_lazy("Notes on days"),
    "media": gettext_lazy("Media"),
    "hashtags": gettext_lazy("Hashtag groups"),
    "account": gettext_lazy("TikTok accounts"),
    "plan": gettext_lazy("Posting plans"),
    "gap": gettext_lazy("Posting plans"),
    "invitation": gettext_lazy("People"),
    "member": gettext_lazy("People"),
    "person": gettext_lazy("People"),
    "role": gettext_lazy("People"),
    "team": gettext_lazy("People"),
    "feed": gettext_lazy("Calendar links"),
    "verification": gettext_lazy("TikTok’s review"),
}


def verb_choices() -> list[tuple[str, Any]]:
    """Every action, grouped by what it is done to, in the order of GROUPS."""
    groups: dict[str, list[tuple[str, str]]] = {str(label): [] for label in GROUPS.values()}
    for verb, words in VERBS.items():
        group = verb.partition("_")[0]
        label = str(GROUPS.get(group, group.capitalize()))
        groups.setdefault(label, []).append((verb, str(words)))
    return [("", gettext("Everything")), *groups.items()]


class ActivityForm(forms.Form):
    person = forms.ModelChoiceField(
        label=gettext_lazy("Who"),
        queryset=User.objects.none(),
        required=False,
        empty_label=gettext_lazy("Everybody"),
        error_messages={"invalid_choice": gettext_lazy("Choose one of this team’s members.")},
    )
    verb = forms.ChoiceField(label=gettext_lazy("What"), choices=verb_choices, required=False)
    since = DayField(
        label=pgettext_lazy("the first day", "From"),
        required=False,
    )
    until = DayField(
        label=pgettext_lazy("the last day", "To"),
        required=False,
    )
    post = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
    )
    before = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, team: Team, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        members = User.objects.filter(memberships__team=team).order_by("name", "email")
        self.fields["person"].queryset = members  # type: ignore[attr-defined]

    def clean_before(self) -> Place | None:
        text = self.cleaned_data["before"]
        try:
            return read_place(text) if text else None
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        super().clean()
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", gettext("This is before the first day."))
        return self.cleaned_data

    def search(self) -> Search:
        """Only for a valid form; days are those of the zone."""
        wanted = self.cleaned_data
        since, until = wanted["since"], wanted["until"]
        return Search(
            person=wanted["person"],
            verb=wanted["verb"],
            post_id=wanted["post"],
            since=day_start(since, self.zone) if since else None,
            until=day_end(until, self.zone) if until else None,
        )
