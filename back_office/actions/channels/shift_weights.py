"""Shifts how much each of several gateways of a channel takes."""

from collections.abc import Mapping
from datetime import datetime

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from back_office.actions.action import Action, ActionRequest, Done, Preview
from back_office.actions.channels.channel import ChannelRow
from back_office.actions.forms import ActionForm
from back_office.audit import log
from back_office.audit.log import Actor, Subjects, Why
from back_office.models import StaffAction
from dispatch.gateways import configured
from dispatch.sending import gateway_states
from notifications.models import NotificationChannel
from runtime import clock

MAX_WEIGHT = 1_000

Weights = Mapping[str, int]


def preview(channel: NotificationChannel, *, weights: Weights, now: datetime) -> Preview:
    """What would be taken by which, where all are open."""
    before = weights_of(channel, now=now)
    after = {**before, **weights}
    if len(before) < 2:
        return Preview(_("The channel has one gateway."), {}, possible=False)
    total = sum(after.values())
    facts: list[tuple[str, object]] = [
        (name, f"{before[name]} → {weight} ({_share(weight, total)})")
        for name, weight in after.items()
    ]
    sentence = _(
        "%(channel)s: what leaves from now on is shared by these weights. A gateway of weight 0"
        " stands by for the others."
    )
    return Preview(
        sentence % {"channel": channel.label},
        {"channel": channel.value, "weights": dict(after)},
        facts=facts,
        possible=total > 0,
    )


def run(
    channel: NotificationChannel, *, weights: Weights, by: Actor, why: Why, now: datetime
) -> Done:
    """They count from the next claim of each worker. What is bound to a gateway stays with it."""
    known = {one.name for one in configured.gateways(channel)}
    shifted = {name: weight for name, weight in weights.items() if name in known}
    before = weights_of(channel, now=now)
    gateway_states.set_weights(channel, shifted)
    figures: dict[str, object] = {"channel": channel.value, "weights": {**before, **shifted}}
    log.record_about(
        StaffAction.What.WEIGHTS_SHIFTED,
        Subjects.channel(channel.value),
        by=by,
        why=why,
        detail={"before": before, "after": {**before, **shifted}},
        now=now,
    )
    sentence = _("%(channel)s: the gateways' weights are shifted.")
    return Done(sentence % {"channel": channel.label}, figures)


def weights_of(channel: NotificationChannel, *, now: datetime) -> dict[str, int]:
    """By gateway, as they count now: those of staff go before those of the settings."""
    standing = gateway_states.standing(channel, now=now)
    return {
        one.name: one.weight if (own := standing.of(one.name).weight) is None else own
        for one in configured.gateways(channel)
    }


def _share(weight: int, total: int) -> str:
    return f"{round(100 * weight / total)} %" if total else "0 %"


class ShiftWeights(Action[ChannelRow, str]):
    name = "weights"
    permission = "back_office.pause_channel"
    title = gettext_lazy("Shift the weights")
    icon = "balance"
    on_list = False

    def form_class(self, *, row: ChannelRow | None) -> type[ActionForm]:
        """A number for each gateway."""
        if row is None:
            return ActionForm
        fields = {
            name: forms.IntegerField(
                label=name,
                min_value=0,
                max_value=MAX_WEIGHT,
                initial=weight,
                widget=UnfoldAdminIntegerFieldWidget,
            )
            for name, weight in weights_of(NotificationChannel(row.pk), now=clock.now()).items()
        }
        return type("WeightsForm", (ActionForm,), fields)

    def fits(self, row: ChannelRow) -> bool:
        return len(configured.gateways(NotificationChannel(row.pk))) > 1

    def preview(self, request: ActionRequest[str]) -> Preview:
        channel = NotificationChannel(request.ids[0])
        return preview(channel, weights=_chosen(request), now=request.now)

    def run(self, request: ActionRequest[str]) -> Done:
        return run(
            NotificationChannel(request.ids[0]),
            weights=_chosen(request),
            by=request.by,
            why=request.why,
            now=request.now,
        )


def _chosen(request: ActionRequest[str]) -> Weights:
    return {name: value for name, value in request.choices.items() if isinstance(value, int)}
