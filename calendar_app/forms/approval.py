"""Forms of approval: the rules, the links for clients, and what a client says."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext_lazy

from accounts.approval_rules import AccountRule, ApprovalRule, span_words
from accounts.models import Team, TikTokAccount
from publishing.client_links import MAX_COMMENT, MAX_DAYS
from publishing.models import Decision

STEPS = [
    (0, gettext_lazy("None: a post is scheduled as soon as its author confirms it")),
    (1, gettext_lazy("One person approves it")),
    (2, gettext_lazy("Two people approve it, one after the other")),
]
STEPS_OF_ACCOUNT = [
    ("", gettext_lazy("As the team")),
    (0, pgettext_lazy("approvals", "None")),
    (1, pgettext_lazy("approvals", "One")),
    (2, pgettext_lazy("approvals", "Two in order")),
]
SPANS_MIN = (0, 15, 30, 60, 120, 240, 720, 1440, 2880, 4320, 10080)
DAYS = (1, 3, 7, 14, 30, MAX_DAYS)
EMPTY = gettext_lazy("As the team")


def _span_choices(minutes: Sequence[int]) -> list[tuple[int, str]]:
    return [
        (one, span_words(timedelta(minutes=one)) if one else gettext("Until it is due"))
        for one in minutes
    ]


def _day_choices() -> list[tuple[int, str]]:
    return [(one, ngettext("{count} day", "{count} days", one).format(count=one)) for one in DAYS]


def _int_or_none(value: str) -> int | None:
    return int(value) if value else None


class ApprovalRulesForm(forms.Form):
    """The team's rule, and two fields for each account."""

    steps = forms.TypedChoiceField(
        label=gettext_lazy("Before a post goes out"),
        choices=STEPS,
        coerce=int,
        widget=forms.RadioSelect,
    )
    before_min = forms.TypedChoiceField(
        label=gettext_lazy("How long before it is due, at the latest"),
        coerce=int,
        help_text=gettext_lazy("What is not approved by then is held, and both sides are told."),
    )
    client_counts = forms.BooleanField(
        label=gettext_lazy("The approval of a client, by link, counts as one of them"),
        required=False,
        help_text=gettext_lazy(
            "Only through links made by somebody who could give this approval themself: nobody "
            "approves their own post, or gives both of two approvals, by a link."
        ),
    )

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = list(team.tiktok_accounts.filter(deleted_at=None))
        spans = _span_choices(_with(SPANS_MIN, team.approve_before_min))
        self.fields["before_min"].choices = spans  # type: ignore[attr-defined]
        self.initial = {
            "steps": team.approval_steps,
            "before_min": team.approve_before_min,
            "client_counts": team.client_counts,
        }
        for account in self.accounts:
            self._add(account)

    def _add(self, account: TikTokAccount) -> None:
        spans = _span_choices(_with(SPANS_MIN, account.approve_before_min))
        self.fields[f"steps-{account.pk}"] = forms.TypedChoiceField(
            label=gettext("Approvals for {account}").format(account=account),
            choices=STEPS_OF_ACCOUNT,
            coerce=_int_or_none,
            empty_value=None,
            required=False,
            initial=account.approval_steps,
        )
        self.fields[f"before_min-{account.pk}"] = forms.TypedChoiceField(
            label=gettext("At the latest for {account}").format(account=account),
            choices=[("", EMPTY), *spans],
            coerce=_int_or_none,
            empty_value=None,
            required=False,
            initial=account.approve_before_min,
        )

    def rows(self) -> Iterator[tuple[TikTokAccount, BoundField, BoundField]]:
        for account in self.accounts:
            yield account, self[f"steps-{account.pk}"], self[f"before_min-{account.pk}"]

    def rule(self) -> ApprovalRule:
        before = timedelta(minutes=self.cleaned_data["before_min"])
        return ApprovalRule(self.cleaned_data["steps"], before)

    def by_account(self) -> dict[int, AccountRule]:
        return {
            account.pk: AccountRule(
                self.cleaned_data[f"steps-{account.pk}"],
                self.cleaned_data[f"before_min-{account.pk}"],
            )
            for account in self.accounts
        }


def _with(spans: Sequence[int], minutes: int | None) -> list[int]:
    """The choices, and what is set now if it is none of them."""
    return sorted({*spans, minutes} - {None})  # type: ignore[arg-type]


class ChangesForm(forms.Form):
    comment = forms.CharField(
        label=gettext_lazy("What should be changed"),
        max_length=MAX_COMMENT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("Say what should be changed.")},
    )


class ClientLinkForm(forms.Form):
    client_name = forms.CharField(
        label=gettext_lazy("Who gets it"),
        max_length=80,
        help_text=gettext_lazy(
            "A name for you: it stands in the list of links and beside what comes back."
        ),
    )
    posts = forms.ChoiceField(label=gettext_lazy("What it shows"), widget=forms.RadioSelect)
    days = forms.TypedChoiceField(
        label=gettext_lazy("It works for"),
        coerce=int,
        choices=_day_choices,
        initial=14,
    )
    may_approve = forms.BooleanField(
        label=gettext_lazy("The client may approve and ask for changes"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Without this they can only comment."),
    )

    def __init__(self, *args: Any, waiting: int, account: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("this", gettext("This post"))]
        if waiting:
            words = gettext(
                "This post and all of {account} that wait for approval now ({count})"
            ).format(account=account, count=waiting)
            choices.append(("waiting", words))
        self.fields["posts"].choices = choices  # type: ignore[attr-defined]
        self.fields["posts"].initial = "this"
        if not waiting:
            self.fields["posts"].widget = forms.HiddenInput()


class ClientAnswerForm(forms.Form):
    """What somebody without an account says about one post."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=80,
        error_messages={"required": gettext_lazy("Enter your name.")},
    )
    comment = forms.CharField(
        label=gettext_lazy("Comment"),
        required=False,
        max_length=MAX_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    decision = forms.ChoiceField(choices=Decision.choices)
    seen = forms.CharField(max_length=64)

    def clean(self) -> dict[str, Any]:
        super().clean()
        decision = self.cleaned_data.get("decision")
        if decision != Decision.APPROVED and not self.cleaned_data.get("comment", "").strip():
            wanted = decision == Decision.CHANGES_REQUESTED
            self.add_error(
                "comment",
                gettext("Say what should be changed.")
                if wanted
                else gettext("Write a comment first."),
            )
        return self.cleaned_data
