"""The identity provider of staff: whoever opens its page says who they are and in which groups."""

import base64
import hashlib
import html
import json
import secrets
import time
from typing import Any
from urllib.parse import urlencode

import jwt
from aiohttp import web

from tests.simulators.answering import trouble_of
from tests.simulators.openid import jwks, key_id
from tests.simulators.world import WORLD, World

PATH = "/staff"
CLIENT_ID, CLIENT_SECRET = "support-desk", "krumkaker-og-kaffe"
_ASKED = ("client_id", "redirect_uri", "state", "nonce", "code_challenge")
_PAGE = """<!doctype html><html lang="en"><title>Identity provider</title>
<link rel="icon" href="data:,">
<h1>Who are you?</h1><form method="post" action="{path}/authorize">{hidden}
<p><label>Name <input name="name" required></label>
<p><label>Groups <input name="groups"></label>
<p><button>Continue</button></form>"""


async def _metadata(request: web.Request) -> web.Response:
    base = _issuer(request.app[WORLD])
    document = {
        "issuer": base,
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/token",
        "jwks_uri": f"{base}/keys",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
    }
    return await trouble_of(request.app[WORLD], "staff") or web.json_response(document)


async def _keys(request: web.Request) -> web.Response:
    key = request.app[WORLD].settings.maskinporten_key.public_key()
    return await trouble_of(request.app[WORLD], "staff") or web.json_response(jwks(key))


async def _authorize(request: web.Request) -> web.Response:
    asked = request.query
    if asked.get("client_id") != CLIENT_ID or asked.get("response_type") != "code":
        return web.Response(status=400, text="No such client, or no code is asked for.")
    if asked.get("code_challenge_method") != "S256" or not all(map(asked.get, _ASKED)):
        return web.Response(status=400, text="State, nonce or PKCE is missing.")
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(asked[name])}">' for name in _ASKED
    )
    page = _PAGE.format(path=PATH, hidden=hidden)
    return web.Response(text=page, content_type="text/html")


async def _continue(request: web.Request) -> web.Response:
    """Back with a code, which remembers everything: nothing is kept here."""
    form = {name: str(value) for name, value in (await request.post()).items()}
    code = base64.urlsafe_b64encode(json.dumps(form | {"once": secrets.token_hex(8)}).encode())
    back = urlencode({"code": code.decode(), "state": form["state"]})
    return web.Response(status=302, headers={"Location": f"{form['redirect_uri']}?{back}"})


async def _token(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    if trouble := await trouble_of(world, "staff"):
        return trouble
    form = {name: str(value) for name, value in (await request.post()).items()}
    try:
        begun = json.loads(base64.urlsafe_b64decode(form["code"]))
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        is_right = (
            form["grant_type"] == "authorization_code"
            and (form["client_id"], form["client_secret"]) == (CLIENT_ID, CLIENT_SECRET)
            and form["redirect_uri"] == begun["redirect_uri"]
            and challenge == begun["code_challenge"]
            and world.first_time(f"code {form['code']}")
        )
    except (KeyError, ValueError):
        is_right = False
    if not is_right:
        return web.json_response({"error": "invalid_grant"}, status=400)
    answer = {"access_token": "x", "token_type": "Bearer", "id_token": _id_token(world, begun)}
    return web.json_response(answer)


def _id_token(world: World, begun: dict[str, Any]) -> str:
    fault = world.faults.take("staff-token")
    wrong = fault.mode if fault else ""
    now = int(time.time())
    claims = {
        "iss": "https://other.example" if wrong == "wrong-issuer" else _issuer(world),
        "aud": "another-client" if wrong == "wrong-audience" else CLIENT_ID,
        "sub": hashlib.sha256(begun["name"].encode()).hexdigest(),
        "nonce": "another" if wrong == "wrong-nonce" else begun["nonce"],
        "iat": now - 700,
        "exp": now + (-600 if wrong == "expired" else 300),
        "preferred_username": begun["name"],
        "given_name": begun["name"].title(),
        "email": f"{begun['name']}@desk.example",
        "groups": begun["groups"].split(),
    }
    settings = world.settings
    if wrong == "unsigned":
        return jwt.encode(claims, "", algorithm="none")
    key = settings.platform_key if wrong == "wrong-key" else settings.maskinporten_key
    named = key_id(settings.maskinporten_key.public_key())
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": named})


def _issuer(world: World) -> str:
    return f"{world.settings.url}{PATH}"


ROUTES = (
    web.get(f"{PATH}/.well-known/openid-configuration", _metadata),
    web.get(f"{PATH}/keys", _keys),
    web.get(f"{PATH}/authorize", _authorize),
    web.post(f"{PATH}/authorize", _continue),
    web.post(f"{PATH}/token", _token),
)
