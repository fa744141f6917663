"""What is said of settings, and services that have an address."""

from collections.abc import Mapping

from config.setting_rules.judging import Judgement, judgements

Settings = Mapping[str, str]
SERVICES = [
    "ALTINN_WELL_KNOWN",
    "AUTHORIZATION_URL",
    "MASKINPORTEN_URL",
    "PROFILE_URL",
    "PUBLIC_BASE_URL",
    "REGISTER_URL",
    "SMS_GATEWAY_URL",
    "SSO_ISSUER",
]
SINGLE_SIGN_ON = {
    "SSO_ISSUER": "https://login.example.no/realms/etat",
    "SSO_CLIENT_ID": "support-desk",
    "SSO_CLIENT_SECRET": "given-by-the-provider",
    "SSO_AUDITOR_GROUPS": "audit",
}


def said(production: Settings, changes: Settings) -> list[Judgement]:
    return list(judgements({**production, **changes}))


def only(name: str, value: str) -> Judgement:
    """What is said of one setting."""
    found = list(judgements({name: value}))
    assert any(one.says.startswith(name) for one in found), f"{name}={value!r} starts unheard"
    return next(one for one in found if one.says.startswith(name))
