"""Forms for the people who run the site."""

from django import forms
from django.utils.translation import gettext, gettext_lazy

from accounts.models import Team
from accounts.verification import NotAToken, read_token


class VerificationForm(forms.Form):
    token = forms.CharField(
        max_length=200,
        label=gettext_lazy("Token, file name or content of the file"),
        help_text=gettext_lazy(
            "For example tiktokAbC123.txt, or tiktok-developers-site-verification=AbC123."
        ),
    )

    def clean_token(self) -> str:
        try:
            return read_token(self.cleaned_data["token"])
        except NotAToken:
            raise forms.ValidationError(
                gettext(
                    "This is not a verification token. Copy the name or the content of the file "
                    "that TikTok lets you download; the token in it has letters and digits only."
                )
            ) from None


class TeamDeletionForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name of the team"), max_length=80)

    def __init__(self, *args: object, team: Team, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.team = team
        self.fields["name"].help_text = gettext(
            "Type “{team}” to show that you mean this team."
        ).format(team=team)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name != self.team.name.strip():
            raise forms.ValidationError(
                gettext("The team’s name is “{team}”.").format(team=self.team)
            )
        return name
