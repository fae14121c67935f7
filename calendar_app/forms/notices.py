"""What a person wants to be told, and how."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy

from publishing.models import MailPace, NoticeKind
from publishing.wishes import Wish

# Beside its box, and as the box is called without the table around it.
WAYS = {
    "in_app": (gettext_lazy("In the app"), gettext_lazy("{kind}: in the app")),
    "by_mail": (gettext_lazy("By mail"), gettext_lazy("{kind}: by mail")),
}


class NoticeChoicesForm(forms.Form):
    """Two boxes per kind of news, and the pace of the mails."""

    pace = forms.ChoiceField(
        label=gettext_lazy("Mails come"), choices=MailPace.choices, widget=forms.RadioSelect
    )

    def __init__(
        self, *args: Any, wishes: Mapping[NoticeKind, Wish], pace: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = list(wishes)
        self.fields["pace"].initial = pace
        for kind, wish in wishes.items():
            for way, (_, label) in WAYS.items():
                self.fields[f"{kind}-{way}"] = forms.BooleanField(
                    required=False,
                    label=label.format(kind=kind.label),
                    initial=getattr(wish, way),
                )

    def rows(self) -> Iterator[tuple[NoticeKind, list[tuple[str, BoundField]]]]:
        """Each kind with the words and the box of each way."""
        for kind in self.kinds:
            yield kind, [(str(words), self[f"{kind}-{way}"]) for way, (words, _) in WAYS.items()]

    def wishes(self) -> dict[NoticeKind, Wish]:
        return {
            kind: Wish(*(self.cleaned_data[f"{kind}-{way}"] for way in WAYS)) for kind in self.kinds
        }
