"""The posting form: the content once, the choices per account.

It reads what a person typed; TikTok's rules are publishing.rules' business.
"""

from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, gettext_lazy

from accounts.models import AccountStatus, Membership, TikTokAccount
from accounts.reach import accounts_within_reach
from calendar_app.forms.due import DueForm
from calendar_app.forms.labels import LabelsField
from publishing.models import Label, MediaAsset, MediaKind, Mode
from publishing.plan import Plan


class ChoicesForm(forms.Form):
    """What TikTok wants chosen by hand for one account: nothing is chosen beforehand."""

    privacy_level = forms.CharField(required=False, max_length=32)
    allow_comment = forms.BooleanField(required=False)
    allow_duet = forms.BooleanField(required=False)
    allow_stitch = forms.BooleanField(required=False)
    discloses_content = forms.BooleanField(required=False)
    is_your_brand = forms.BooleanField(required=False)
    is_branded_content = forms.BooleanField(required=False)
    is_ai_generated = forms.BooleanField(required=False)
    auto_add_music = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, account: TikTokAccount, initial: Any = None) -> None:
        super().__init__(data, prefix=f"account-{account.pk}", initial=initial)
        self.account = account

    def choices(self, kind: str, mode: str) -> dict[str, Any]:
        """The choices that this kind of post has; the creator makes an inbox post's in the app."""
        if mode == Mode.INBOX:
            return {}
        chosen = dict(self.cleaned_data)
        for name in NOT_FOR[kind]:
            chosen[name] = False
        if not chosen["discloses_content"]:
            chosen |= {"is_your_brand": False, "is_branded_content": False}
        return chosen


# Photos know neither (UX-2c.3); TikTok adds music to photos only.
NOT_FOR = {
    MediaKind.PHOTO.value: ("allow_duet", "allow_stitch"),
    MediaKind.VIDEO.value: ("auto_add_music",),
}
CHOICES = tuple(ChoicesForm.base_fields)


class ComposeForm(DueForm):
    """Without `is_complete` it may lack what a draft may lack."""

    form_token = forms.UUIDField(
        widget=forms.HiddenInput, error_messages={"required": gettext_lazy("Open this page again.")}
    )
    # When the drafts were last saved, as this page knows; "" while there are none.
    seen_at = forms.DateTimeField(required=False)
    kind = forms.ChoiceField(choices=MediaKind.choices, initial=MediaKind.VIDEO)
    accounts = forms.ModelMultipleChoiceField(
        queryset=TikTokAccount.objects.none(),
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy("Choose one of this team's accounts."),
            "invalid_pk_value": gettext_lazy("Choose one of this team's accounts."),
        },
    )
    mode = forms.ChoiceField(choices=Mode.choices, initial=Mode.DIRECT)
    # Django's metaclass takes the field out of the class, so `form.media` stays what it was.
    media = forms.ModelChoiceField(  # type: ignore[assignment]
        queryset=MediaAsset.objects.none(),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose a video of this team.")},
    )
    photos = forms.ModelMultipleChoiceField(
        queryset=MediaAsset.objects.none(),
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy("Choose photos of this team."),
            "invalid_pk_value": gettext_lazy("Choose photos of this team."),
        },
    )
    cover = forms.IntegerField(required=False)
    cover_timestamp_ms = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=600_000,
        error_messages={"invalid": gettext_lazy("The cover’s time is a number of milliseconds.")},
    )
    labels = LabelsField(queryset=Label.objects.none(), required=False)
    # Nothing is cut off: TikTok gets exactly the text that the person last saw.
    title = forms.CharField(required=False, strip=False)
    caption = forms.CharField(required=False, strip=False)

    def __init__(
        self,
        *args: Any,
        member: Membership,
        zone: ZoneInfo,
        is_complete: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, zone=zone, **kwargs)
        self.is_complete = is_complete
        of_team = member.team.media.filter(deleted_at=None)
        querysets = {
            "accounts": postable_accounts(member),
            "media": of_team.filter(kind=MediaKind.VIDEO),
            "photos": of_team.filter(kind=MediaKind.PHOTO),
            "labels": Label.objects.filter(team=member.team_id),
        }
        for name, queryset in querysets.items():
            self.fields[name].queryset = queryset  # type: ignore[attr-defined]

    def clean_title(self) -> str:
        return self.cleaned_data["title"].replace("\r\n", " ").replace("\n", " ")

    def clean_caption(self) -> str:
        # Browsers send line breaks as CR LF; TikTok would count each as two characters.
        return self.cleaned_data["caption"].replace("\r\n", "\n")

    def clean_photos(self) -> list[MediaAsset]:
        """In the order of the form."""
        place = {pk: number for number, pk in enumerate(sent_photos(self.data))}
        return sorted(self.cleaned_data["photos"], key=lambda photo: place[str(photo.pk)])

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.is_complete and not self.cleaned_data.get("accounts"):
            self.add_error("accounts", gettext("Choose the account that posts."))
        return self.cleaned_data

    def plans(self, choices: list[ChoicesForm], due_at: Any) -> list[Plan]:
        """What the person decided, per account, as publishing takes it. Only for valid forms."""
        kind, mode = self.cleaned_data["kind"], self.cleaned_data["mode"]
        content = self._content(kind) | {"kind": kind, "mode": mode, "due_at": due_at}
        if not choices:
            return [Plan(account=None, **content)]
        return [Plan(account=one.account, **content, **one.choices(kind, mode)) for one in choices]

    def _content(self, kind: str) -> dict[str, Any]:
        texts = {
            "caption": self.cleaned_data["caption"],
            "labels": tuple(self.cleaned_data["labels"]),
        }
        if kind == MediaKind.VIDEO:
            names = ("media", "cover_timestamp_ms")
            return texts | {name: self.cleaned_data[name] for name in names}
        photos = self.cleaned_data["photos"]
        return texts | {
            "title": self.cleaned_data["title"],
            "photos": tuple(photos),
            "media": cover_of(photos, self.cleaned_data["cover"]),
        }


def cover_of(photos: list[MediaAsset], cover_pk: int | None) -> MediaAsset | None:
    """The photo chosen as cover, the first when none of them is."""
    chosen = [photo for photo in photos if photo.pk == cover_pk]
    return next(iter([*chosen, *photos]), None)


def sent_photos(data: Any) -> list[str]:
    return list(data.getlist("photos") if isinstance(data, QueryDict) else data.get("photos", []))


def postable_accounts(member: Membership) -> Any:
    return accounts_within_reach(member).exclude(status=AccountStatus.DISCONNECTED)


def new_form_token() -> str:
    return str(uuid4())
