"""Forms of import and export."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from accounts.models import TikTokAccount
from calendar_app.forms.days import DayField
from calendar_app.sheets import MAX_BYTES


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        max_length=255,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty."),
            "missing": gettext_lazy("Choose a file."),
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                gettext("The file has {size} MB; {most} MB are taken at most. Divide it.").format(
                    size=f"{file.size / 1e6:.1f}", most=f"{MAX_BYTES / 1e6:.0f}"
                )
            )
        return file


class ExportForm(forms.Form):
    """From which day to which, both included, in the team's zone; nothing means everything."""

    first = DayField(
        label=gettext_lazy("From"),
        required=False,
    )
    last = DayField(
        label=gettext_lazy("To"),
        required=False,
    )
    account = forms.ModelChoiceField(
        label=gettext_lazy("Account"),
        queryset=TikTokAccount.objects.none(),
        required=False,
        empty_label=gettext_lazy("All accounts"),
    )

    def __init__(self, *args: Any, accounts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = accounts  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        super().clean()
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last < first:
            self.add_error("last", gettext("This day is before the first."))
        return self.cleaned_data
