"""Forms for the people who run the site."""

from django import forms

from accounts.models import Team
from accounts.verification import NotAToken, read_token


class VerificationForm(forms.Form):
    token = forms.CharField(
        max_length=200,
        label="Token, file name or content of the file",
        help_text="For example tiktokAbC123.txt, or tiktok-developers-site-verification=AbC123.",
    )

    def clean_token(self) -> str:
        try:
            return read_token(self.cleaned_data["token"])
        except NotAToken:
            raise forms.ValidationError(
                "This is not a verification token. Copy the name or the content of the file that "
                "TikTok lets you download; the token in it has letters and digits only."
            ) from None


class TeamDeletionForm(forms.Form):
    name = forms.CharField(label="Name of the team", max_length=80)

    def __init__(self, *args: object, team: Team, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.team = team
        self.fields["name"].help_text = f"Type “{team}” to show that you mean this team."

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name != self.team.name.strip():
            raise forms.ValidationError(f"The team’s name is “{self.team}”.")
        return name
