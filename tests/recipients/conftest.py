"""Registers that answer what a test tells them to, over real sockets."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pytest_django import Settings

from tests.recipients.local_server import LocalServer

PERSONS = "/profile/api/v1/users/contactpoint/lookup"
SELF_IDENTIFIED = "/profile/api/v1/users/contactpoint/lookupsi"
ORGANIZATIONS = "/profile/api/v1/organizations/notificationaddresses/lookup"
USERS = "/profile/api/v1/units/contactpoint/lookup"
NAMES = "/register/api/v1/parties/nameslookup"
DECISION = "/authorization/api/v1/decision"
TOKEN = "/maskinporten/token"


@pytest.fixture(scope="session")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def key_file(private_key: rsa.RSAPrivateKey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "key.pem"
    path.write_bytes(
        private_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture
def registers(server: LocalServer, settings: Settings, key_file: Path) -> LocalServer:
    """The local server in the place of Profile, Register, Authorization and Maskinporten, who
    know nobody until told otherwise."""
    settings.PROFILE_URL = f"{server.url}/profile/api/v1/"
    settings.REGISTER_URL = f"{server.url}/register/api/v1/"
    settings.AUTHORIZATION_URL = f"{server.url}/authorization/api/v1/"
    settings.AUTHORIZATION_KEY = "subscription-key"
    settings.PLATFORM_TOKEN_KEY = str(key_file)
    settings.MASKINPORTEN_URL = f"{server.url}{TOKEN}"
    settings.MASKINPORTEN_CLIENT_ID = "client-id"
    settings.MASKINPORTEN_KEY = str(key_file)
    settings.REGISTER_CALL_TIMEOUT = 5.0
    settings.LOOK_UP_TIMEOUT = 10.0
    for path in (PERSONS, SELF_IDENTIFIED, ORGANIZATIONS, USERS):
        server.answer(path, {"contactPointsList": []})
    server.answer(NAMES, {"partyNames": []})
    server.answer(DECISION, {"response": []})
    return server
