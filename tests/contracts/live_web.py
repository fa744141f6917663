"""A web process as in production, on a database of its own, shared by the tests that need one."""

import json
from collections.abc import Iterator

import pytest

from script.launcher.system.running_system import RunningSystem
from tests.config.key_server import KeyServer
from tests.contracts.tokens import ISSUER, Cast
from tests.fuzzing.api import SETTINGS

METRICS_KEY = "7c0ffee1d2b3a4958607"


@pytest.fixture(scope="session")
def live_web(
    tmp_path_factory: pytest.TempPathFactory, published_keys: KeyServer, cast: Cast
) -> Iterator[RunningSystem]:
    """Without worker and beat: orders are taken, and stay `Registered`.

    It trusts the cast, and the development key that `token` signs with.
    """
    keys = published_keys
    system = RunningSystem(
        tmp_path_factory.mktemp("live-web"),
        name="live_web",
        programs=["web"],
        settings={
            "ALTINN_WELL_KNOWN": f"{keys.url}/.well-known/openid-configuration",
            "PLATFORM_TOKEN_JWKS": f"{keys.url}/platform-keys/{{issuer}}",
            "METRICS_API_KEY": METRICS_KEY,
            "ENVIRONMENT_NAME": "Tests",
            **SETTINGS,
        },
    )
    development = json.loads(system.outside.get("/authentication/jwks"))["keys"]
    altinn = [signer.jwk for signer in (cast.altinn, cast.altinn_elliptic)]
    keys.documents |= {
        "/.well-known/openid-configuration": {"issuer": ISSUER, "jwks_uri": f"{keys.url}/jwks"},
        "/jwks": {"keys": [*development, *altinn]},
        "/platform-keys/ttd": {"keys": [cast.ttd.jwk]},
    }
    yield system
    system.stop()
