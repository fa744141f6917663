"""Dialogporten: whether an end user may see a dialog."""

from typing import Any
from uuid import UUID

import jwt
from aiohttp import web

from tests.simulators.answering import Refused, trouble_of
from tests.simulators.people import Dialog
from tests.simulators.world import WORLD, World

BASE = "/dialogporten/api/v1/"
SCOPES = frozenset({"altinn:portal/enduser", "digdir:dialogporten"})
_INSTANCE = "urn:altinn:dialog-id:"


async def _look_up(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    response = await trouble_of(world, "dialogporten")
    if response is None:
        try:
            response = web.json_response(_shown(_found(world, request)))
        except Refused as refusal:
            response = web.json_response({"title": str(refusal)}, status=refusal.status)
    world.calls.record("dialogporten", request.path, size=1, status=response.status)
    return response


def _found(world: World, request: web.Request) -> Dialog:
    """Whose token it is decides: the person that it names."""
    claims = _verified(world, request.headers.get("Authorization", ""))
    scopes = str(claims.get("urn:altinn:scope", claims.get("scope", ""))).split()
    if not SCOPES.intersection(scopes):
        raise Refused(403, "The token lacks a scope of Dialogporten.")
    reference = request.query.get("instanceRef", "")
    try:
        dialog_id = UUID(reference.removeprefix(_INSTANCE))
    except ValueError:
        raise Refused(400, "'instanceRef' names no dialog.") from None
    if not reference.startswith(_INSTANCE):
        raise Refused(400, "'instanceRef' names no dialog.")
    dialog = world.registers.dialog(dialog_id)
    if dialog is None:
        raise Refused(404, "There is no such dialog.")
    if dialog.party != claims.get("pid"):
        raise Refused(403, "The dialog is somebody else's.")
    return dialog


def _verified(world: World, authorization: str) -> dict[str, Any]:
    scheme, _, token = authorization.partition(" ")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            world.settings.development_key.public_key(),
            algorithms=["RS256"],
            options={"require": ["exp", "iss"], "verify_aud": False},
        )
    except jwt.InvalidTokenError as error:
        raise Refused(401, f"The token is not valid: {error}") from error
    if scheme.lower() != "bearer":
        raise Refused(401, "A bearer token is needed.")
    return claims


def _shown(dialog: Dialog) -> dict[str, Any]:
    return {
        "dialogId": str(dialog.dialog_id),
        "instanceRef": f"{_INSTANCE}{dialog.dialog_id}",
        "party": f"urn:altinn:person:identifier-no:{dialog.party}",
        "serviceResource": {"id": "urn:altinn:resource:demo-melding"},
    }


ROUTES = (web.get(f"{BASE}enduser/dialoglookup", _look_up),)
