"""The keys of this machine."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from script.launcher.server.keys import keep_keys


def test_keys_are_made_once_and_only_their_owner_may_read_them(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    made = keep_keys(folder)
    paths = [made.development_token, made.platform_token, made.maskinporten]
    contents = [path.read_bytes() for path in paths]
    assert len(set(contents)) == 3
    assert all(
        isinstance(load_pem_private_key(content, password=None), RSAPrivateKey)
        for content in contents
    )
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700

    keep_keys(folder)
    assert [path.read_bytes() for path in paths] == contents
