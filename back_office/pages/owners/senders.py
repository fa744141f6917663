"""The senders of one service owner, for its page."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from back_office.wording import local_time
from orders.models import Creator, Sender

MAX_SHOWN = 200


def table_of(creator: Creator) -> dict[str, object] | None:
    """For unfold's table; None where there are none."""
    rows = creator.senders.order_by("kind", "address")[:MAX_SHOWN]
    if not rows:
        return None
    return {
        "headers": [_("Sender"), _("Kind"), _("State"), _("Since")],
        "rows": [_row(one) for one in rows],
    }


def _row(sender: Sender) -> Sequence[str]:
    return [
        _link(sender),
        sender.get_kind_display(),
        sender.get_state_display(),
        local_time.to_the_second(sender.state_at),
    ]


def _link(sender: Sender) -> SafeString:
    return format_html(
        '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>',
        reverse("admin:orders_sender_change", args=[sender.pk]),
        sender.address,
    )
