"""What secrets must be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, SecretStr

from router.config.values import wrong

if TYPE_CHECKING:
    from collections.abc import Callable

Algorithm = Literal["HS256", "HS384", "HS512"]

SECRET_BYTES: Final[dict[str, int]] = {"HS256": 32, "HS384": 48, "HS512": 64}
"""As long as the hash at least (RFC 7518 §3.2)."""


_PUBLIC: Final = re.compile(r"-----BEGIN |ssh-|ecdsa-sha2-|\s*\{")


def check_secret(secret: str, algorithm: str) -> None:
    """Refuses a secret that ``algorithm`` should not have; an empty one only disables.

    :raises PydanticCustomError: when it is too short, or a key everybody may know (CVE-2016-10555).
    """
    least = SECRET_BYTES[algorithm]
    if _PUBLIC.match(secret):
        raise wrong("should be a shared secret, not a public key")
    if secret and len(secret.encode()) < least:
        raise wrong(f"a secret for {algorithm} should have {least} bytes or more")


def hmac_secret(algorithm: Algorithm) -> Callable[[SecretStr], SecretStr]:
    """A field validator for the secret of one algorithm."""

    def check(value: SecretStr) -> SecretStr:
        check_secret(value.get_secret_value(), algorithm)
        return value

    return check


def _sendable(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[ -~]*", value.get_secret_value()):
        raise wrong("holds what can not stand in a field, a line end perhaps")
    return value


FieldSecret: TypeAlias = Annotated[SecretStr, AfterValidator(_sendable)]
"""A secret that goes into an HTTP field: printable ASCII."""
