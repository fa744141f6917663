"""What the DNS says of a sender, in the reader's language."""

from collections.abc import Mapping

from django.utils.translation import gettext as translated
from django.utils.translation import gettext_noop as _

WORDS = {
    "right": _("It is in order."),
    "no_answer": _("The DNS did not answer. Check again later."),
    "spf_none": _("%(about)s has no SPF record."),
    "spf_several": _("There are several SPF records; receivers then take none of them."),
    "spf_too_many": _("It takes more than ten look-ups; receivers then do not read it."),
    "spf_includes_none": _("It includes a domain without an SPF record; receivers then reject it."),
    "spf_not_ours": _("It does not include %(about)s."),
    "dkim_none": _("There is no key at %(about)s."),
    "dkim_several": _("There are several keys at %(about)s."),
    "dkim_revoked": _("The key at %(about)s is empty: it was revoked."),
    "dkim_other": _("The key at %(about)s is another one than ours."),
    "dmarc_none": _("There is no record at %(about)s, nor at a domain above."),
    "dmarc_policy": _("Its policy is %(about)s."),
    "not_aligned": _(
        "Mails come back to %(about)s, which is of another organisation: only DKIM can show whose"
        " they are."
    ),
}
VERDICTS = {
    "Right": _("In order"),
    "Warning": _("Warning"),
    "Wrong": _("Missing or wrong"),
    "Unknown": _("Not known"),
}


def sentence(finding: Mapping[str, str]) -> str:
    words = WORDS.get(finding["code"])
    return translated(words) % {"about": finding["about"]} if words else finding["code"]


def verdict(finding: Mapping[str, str]) -> str:
    return translated(VERDICTS.get(finding["verdict"], finding["verdict"]))
