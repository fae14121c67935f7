"""The posting form. It reads what a person typed; TikTok's rules are publishing.rules' business."""

from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms

from accounts.models import AccountStatus, Team, TikTokAccount
from calendar_app.forms.due import DueForm
from publishing.models import MediaAsset, MediaKind, Mode
from publishing.plan import Plan

# What a person leaves to TikTok's own app in inbox mode.
DIRECT_CHOICES = {
    "privacy_level": "",
    "allow_comment": False,
    "allow_duet": False,
    "allow_stitch": False,
    "discloses_content": False,
    "is_your_brand": False,
    "is_branded_content": False,
    "is_ai_generated": False,
}


class ComposeForm(DueForm):
    form_token = forms.UUIDField(
        widget=forms.HiddenInput, error_messages={"required": "Open this page again."}
    )
    account = forms.ModelChoiceField(
        queryset=TikTokAccount.objects.none(),
        error_messages={
            "required": "Choose the account that posts.",
            "invalid_choice": "Choose one of this team's accounts.",
        },
    )
    # Django's metaclass takes the field out of the class, so `form.media` stays what it was.
    media = forms.ModelChoiceField(  # type: ignore[assignment]
        queryset=MediaAsset.objects.none(),
        required=False,
        error_messages={"invalid_choice": "Choose a video of this team."},
    )
    mode = forms.ChoiceField(choices=Mode.choices, initial=Mode.DIRECT)
    # Nothing is cut off: TikTok gets exactly the text that the person last saw.
    caption = forms.CharField(required=False, strip=False)
    privacy_level = forms.CharField(required=False, max_length=32)
    allow_comment = forms.BooleanField(required=False)
    allow_duet = forms.BooleanField(required=False)
    allow_stitch = forms.BooleanField(required=False)
    discloses_content = forms.BooleanField(required=False)
    is_your_brand = forms.BooleanField(required=False)
    is_branded_content = forms.BooleanField(required=False)
    is_ai_generated = forms.BooleanField(required=False)

    def __init__(self, *args: Any, team: Team, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, zone=zone, **kwargs)
        self.fields["account"].queryset = postable_accounts(team)  # type: ignore[attr-defined]
        self.fields["media"].queryset = team.media.filter(  # type: ignore[attr-defined]
            kind=MediaKind.VIDEO
        )

    def clean_caption(self) -> str:
        # Browsers send line breaks as CR LF; TikTok would count each as two characters.
        return self.cleaned_data["caption"].replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("mode") == Mode.INBOX:
            self.cleaned_data |= DIRECT_CHOICES
        if not self.cleaned_data.get("discloses_content"):
            self.cleaned_data |= {"is_your_brand": False, "is_branded_content": False}
        if not self.cleaned_data.get("media") and "media" not in self.errors:
            self.add_error("media", "Choose a video.")
        return self.cleaned_data

    def plan(self, due_at: Any) -> Plan:
        """What the person decided, as publishing takes it. Only for a valid form."""
        names = ("account", "media", "mode", "caption", *DIRECT_CHOICES)
        chosen = {name: self.cleaned_data[name] for name in names}
        return Plan(**chosen, cover_timestamp_ms=None, due_at=due_at)


def postable_accounts(team: Team) -> Any:
    return team.tiktok_accounts.exclude(status=AccountStatus.DISCONNECTED)


def new_form_token() -> str:
    return str(uuid4())
