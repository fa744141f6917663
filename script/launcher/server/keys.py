"""Private keys of this machine: they sign development tokens and nothing else in the world."""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@dataclass(frozen=True, slots=True)
class Keys:
    """PEM files with RSA private keys."""

    development_token: Path
    platform_token: Path
    maskinporten: Path


def keep_keys(folder: Path) -> Keys:
    """Make the keys that are missing; the others stay, so that printed tokens keep working."""
    folder.mkdir(mode=0o700, exist_ok=True)
    return Keys(
        development_token=_keep(folder / "development-token.pem"),
        platform_token=_keep(folder / "platform-token.pem"),
        maskinporten=_keep(folder / "maskinporten.pem"),
    )


def _keep(path: Path) -> Path:
    if path.exists():
        return path
    pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    return unfinished.rename(path)
