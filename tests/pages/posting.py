"""The posting form as a browser sends it, for tests that send it by hand."""

from html import unescape
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import TikTokAccount
from calendar_app.forms.compose import CHOICES
from publishing.models import MediaAsset

Form = dict[str, Any]


def filled_form(*accounts: TikTokAccount, media: MediaAsset | None = None, **content: Any) -> Form:
    """A video for "Only me" on a morning in 2030; `content` replaces what is shared."""
    form: Form = {
        "form_token": str(uuid4()),
        "kind": "video",
        "accounts": [account.pk for account in accounts],
        "mode": "direct",
        "caption": "Fresh rolls",
        "due_date": "2030-07-01",
        "due_time": "09:15",
        "action": "schedule",
    }
    if media is not None:
        form["media"] = media.pk
    for account in accounts:
        form |= choices_of(account, privacy_level="SELF_ONLY")
    return form | content


def choices_of(account: TikTokAccount, **choices: Any) -> Form:
    """Choices under the names they have for this account."""
    assert choices.keys() <= set(CHOICES)
    return {f"account-{account.pk}-{name}": value for name, value in choices.items()}


def send_form(client: Client, form: Form) -> Any:
    return client.post(reverse("compose"), form)


def words_of(response: HttpResponse) -> str:
    return unescape(response.content.decode())


def summary_of(response: HttpResponse) -> str:
    """What the summary of errors says; "" when the form was taken."""
    parts = words_of(response).split('id="form-errors"')
    return parts[1].split("</div>")[0] if len(parts) > 1 else ""
