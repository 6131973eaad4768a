"""``Set-Cookie`` on its way out: which names pass, and what domain and path mean to the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.masking.location import lies_under, outward_url

if TYPE_CHECKING:
    from router.masking.location import Caller, Site


def outward_cookie(
    site: Site, caller: Caller, allowed: frozenset[bytes], value: bytes
) -> bytes | None:
    """The field value for the caller; None where the cookie's name is not ``allowed``.

    ``Domain`` stays only where it covers the host the caller used (RFC 6265 §5.1.3): else the
    cookie is for that host alone. ``Path`` moves from the upstream's path to the caller's; ``/``
    stays, since a session is for every service.
    """
    pair, *attributes = value.split(b";")
    if pair.partition(b"=")[0].strip() not in allowed:
        return None
    kept = [pair.strip()]
    for attribute in attributes:
        name, _, argument = attribute.strip().partition(b"=")
        argument = argument.strip()
        match name.strip().lower():
            case b"domain":
                if _covers(argument, caller.host):
                    kept.append(b"Domain=" + argument)
            case b"path":
                kept.append(b"Path=" + _outward_path(site, caller, argument))
            case _:
                kept.append(attribute.strip())
    return b"; ".join(kept)


def _covers(domain: bytes, host: bytes) -> bool:
    domain = domain.lower().removeprefix(b".")
    return domain != b"" and (host == domain or host.endswith(b"." + domain))


def _outward_path(site: Site, caller: Caller, path: bytes) -> bytes:
    if path == b"/" or not path.startswith(b"/"):
        return b"/"
    if lies_under(site.own.path, path.rstrip(b"/")):
        return caller.base
    return outward_url(site, caller, path) or b"/"
