"""An account's posting plan: weekly slots, and how far apart its posts are."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Membership, TikTokAccount
from accounts.permissions import Permission, may
from accounts.reach import accounts_within_reach
from accounts.zones import shown_zone
from calendar_app.access import team_page
from calendar_app.forms.plan import GapForm, SlotsForm
from publishing.models import PostingSlot, Weekday
from publishing.slots import PlanRefused, add_slots, next_free_slots, remove_slot, set_gap


@dataclass(frozen=True)
class PlanDay:
    name: str
    slots: list[PostingSlot]


@require_safe
@team_page(Permission.VIEW)
def account_plan(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _find(request, pk))


@require_POST
@team_page(Permission.SET_RULES)
def account_gap(request: HttpRequest, pk: int) -> HttpResponse:
    account, form = _find(request, pk), GapForm(request.POST)
    if not form.is_valid():
        return _show(request, account, gap_form=form)
    minutes = form.cleaned_data["min_gap_min"]
    set_gap(account, minutes, request.user, current_moment())  # type: ignore[arg-type]
    messages.success(request, gettext("Saved."))
    return redirect("account_plan", account.pk)


@require_POST
@team_page(Permission.SET_RULES)
def slots_add(request: HttpRequest, pk: int) -> HttpResponse:
    account, form = _find(request, pk), SlotsForm(request.POST)
    if not form.is_valid():
        return _show(request, account, slots_form=form)
    weekdays, clock = form.cleaned_data["weekdays"], form.cleaned_data["clock"]
    try:
        new = add_slots(account, weekdays, clock, request.user, current_moment())  # type: ignore[arg-type]
    except PlanRefused as refused:
        form.add_error(None, str(refused))
        return _show(request, account, slots_form=form)
    added = ngettext("{count} slot added.", "{count} slots added.", new).format(count=new)
    messages.success(request, added if new else gettext("These slots were there."))
    return redirect("account_plan", account.pk)


@require_POST
@team_page(Permission.SET_RULES)
def slot_remove(request: HttpRequest, pk: int, slot: int) -> HttpResponse:
    account = _find(request, pk)
    # Somebody else may have removed it a moment ago: then it is as wanted.
    if found := PostingSlot.objects.filter(account=account, pk=slot).first():
        found.account = account
        remove_slot(found, request.user, current_moment())  # type: ignore[arg-type]
        messages.success(request, gettext("{slot} is out of the plan.").format(slot=found))
    return redirect("account_plan", account.pk)


def _find(request: HttpRequest, pk: int) -> TikTokAccount:
    membership: Membership = request.membership  # type: ignore[attr-defined]
    accounts = accounts_within_reach(membership).filter(deleted_at=None)
    return get_object_or_404(accounts.select_related("team"), pk=pk)


def _show(request: HttpRequest, account: TikTokAccount, **forms: Any) -> HttpResponse:
    membership: Membership = request.membership  # type: ignore[attr-defined]
    slots = list(account.slots.all())
    zone = account.team.timezone
    context = {
        "account": account,
        "days": [
            PlanDay(str(name), [slot for slot in slots if slot.weekday == number])
            for number, name in Weekday.choices
        ],
        "plan_zone": zone,
        "shows_another_zone": shown_zone(membership).key != zone,
        "next_slot": next_free_slots([account], current_moment()).get(account.pk),
        "may_set_rules": may(membership, Permission.SET_RULES),
        "gap_form": GapForm(initial={"min_gap_min": account.min_gap_min}),
        "slots_form": SlotsForm(),
        **forms,
    }
    return render(request, "plan/plan.html", context, status=422 if forms else 200)
