"""What is to be done to many posts at once."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.models import Membership
from calendar_app.forms.days import DayField
from publishing.models import Label

MOST = 999


class BulkForm(forms.Form):
    """An action that needs no more than the posts."""

    # The fields of all actions stand in one form: an empty one must not hold back another's button.
    use_required_attribute = False

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member


class MoveByForm(BulkForm):
    amount = forms.IntegerField(
        label=gettext_lazy("How many"),
        min_value=1,
        max_value=MOST,
        error_messages={"required": gettext_lazy("Enter how many days or hours.")},
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("Unit"),
        choices=[("days", gettext_lazy("days")), ("hours", gettext_lazy("hours"))],
    )
    direction = forms.ChoiceField(
        label=gettext_lazy("Direction"),
        choices=[("later", gettext_lazy("later")), ("earlier", gettext_lazy("earlier"))],
    )

    @property
    def distance(self) -> timedelta:
        """Days are those of a calendar: the clock time stays."""
        amount = self.cleaned_data["amount"]
        signed = -amount if self.cleaned_data["direction"] == "earlier" else amount
        return timedelta(**{self.cleaned_data["unit"]: signed})


class MoveToForm(BulkForm):
    to_date = DayField(
        label=gettext_lazy("Date"),
        error_messages={"required": gettext_lazy("Choose a date.")},
    )


class LabelForm(BulkForm):
    label = forms.ModelChoiceField(
        Label.objects.none(),
        empty_label=gettext_lazy("Choose a label"),
        error_messages={
            "required": gettext_lazy("Choose a label."),
            "invalid_choice": gettext_lazy("This label is not there any more. Choose another."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = Label.objects.filter(team=self.member.team_id)
        self.fields["label"].queryset = labels  # type: ignore[attr-defined]
