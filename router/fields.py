"""Header field work by RFC 9110: what is hop-by-hop, what passes, what the router says of itself.

Pure. Names are lower case here. Where a name decides about trust, ``_`` counts as ``-``: some
servers fold the two, and a caller must not slip ``X_User_Id`` past a rule about ``X-User-Id``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from router.exchange import Fields, RequestHead

Network = IPv4Network | IPv6Network

HOP_BY_HOP = frozenset(
    {
        b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate",
        b"proxy-authorization", b"proxy-authentication-info", b"te", b"trailer",
        b"transfer-encoding", b"upgrade", b"http2-settings",
    }
)  # fmt: skip
"""RFC 9110 §7.6.1, with the obsolete ones that are still met."""

REQUEST_FIELDS = frozenset(
    {
        b"accept", b"accept-language", b"content-type", b"content-language", b"content-encoding",
        b"if-match", b"if-none-match", b"if-modified-since", b"if-unmodified-since",
        b"idempotency-key", b"last-event-id",
        b"anthropic-version", b"anthropic-beta", b"openai-beta",
    }
)  # fmt: skip
"""What passes to every upstream; ``Mcp-*`` beside it, ``Range`` where answers are not edited."""

CREDENTIAL_FIELDS = frozenset({b"authorization", b"cookie", b"x-api-key"})

_NOTHING: frozenset[bytes] = frozenset()
_OWN_PREFIXES = (b"x-forwarded-", b"x-auth-", b"x-user-", b"x-router-")
_OWN = frozenset(
    {
        b"x-request-id", b"via", b"forwarded", b"x-real-ip", b"x-platform", b"x-service",
        b"x-scopes", b"traceparent", b"tracestate", b"host", b"content-length",
    }
)  # fmt: skip

_TRACEPARENT = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_VISIBLE = re.compile(rb"[!-~]*")
_FORWARDED_HOST = re.compile(
    rb"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
)
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")


def canonical(name: bytes) -> bytes:
    """``name`` as rules about trust compare it: case folded, ``_`` as ``-``."""
    return name.lower().replace(b"_", b"-")


def is_own(name: bytes) -> bool:
    """Whether a field's name is one the router itself speaks under, in any spelling."""
    name = canonical(name)
    return name in _OWN or name.startswith(_OWN_PREFIXES)


def _named_in_connection(fields: Fields) -> frozenset[bytes]:
    named = _NOTHING
    for name, value in fields:
        if name == b"connection":
            named |= {canonical(token.strip()) for token in value.split(b",")}
    return named


def end_to_end(fields: Fields) -> Fields:
    """``fields`` without hop-by-hop ones and those ``Connection`` names (RFC 9110 §7.6.1)."""
    kept = [line for line in fields if line[0] not in HOP_BY_HOP]
    if len(kept) < len(fields) and (named := _named_in_connection(fields)):
        return [line for line in kept if canonical(line[0]) not in named]
    return kept


def outgoing(fields: Fields, allowed: frozenset[bytes]) -> Fields:
    """What of a caller's ``fields`` goes to an upstream: the allow-list, nothing of the router's.

    The allow-list is exact, so a spelling with ``_`` is not on it (see :func:`allow_list`), and
    none passes among ``Mcp-*``: an upstream may fold the two.
    """
    named = _named_in_connection(fields)
    return [
        line
        for line in fields
        if (line[0] in allowed or (line[0][:4] == b"mcp-" and b"_" not in line[0]))
        and (not named or canonical(line[0]) not in named)
    ]


def allow_list(names: Iterable[bytes]) -> frozenset[bytes]:
    """``names`` that may pass from a caller: nothing hop-by-hop, nothing of the router's own."""
    return frozenset(name for name in names if name not in HOP_BY_HOP and not is_own(name))


def trace_fields(fields: Fields) -> Fields:
    """The caller's trace context, continued if it is well formed (W3C Trace Context §3.2)."""
    parents = [value for name, value in fields if name == b"traceparent"]
    if len(parents) != 1 or not _TRACEPARENT.fullmatch(parents[0]):
        return []
    states = [value for name, value in fields if name == b"tracestate" and len(value) <= 512]
    return [(b"traceparent", parents[0]), *((b"tracestate", value) for value in states[:1])]


def well_formed_request_id(value: bytes | None) -> str | None:
    """A trusted proxy's ``X-Request-Id`` if it is plain enough to go on, else None."""
    return value.decode("ascii") if value and _REQUEST_ID.fullmatch(value) else None


def trusts(networks: Sequence[Network], address: str) -> bool:
    """Whether ``address`` lies in one of ``networks``."""
    parsed = _address(address)
    return parsed is not None and any(parsed in network for network in networks)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        text = text.strip().strip("[]")
        if ":" in text:
            # A zone (RFC 4007 §11) means something on its own host only, and has no bound.
            text = text.partition("%")[0]
        parsed = ip_address(text)
    except ValueError:
        return None
    return (parsed.ipv4_mapped or parsed) if isinstance(parsed, IPv6Address) else parsed


def client_address(peer: str, fields: Fields, trusted: Sequence[Network]) -> str:
    """The true caller's address: the peer, or what trusted proxies say stood before them.

    ``X-Forwarded-For`` is read from the right; the first address no trusted proxy owns is the
    caller. An entry that is no address ends the walk: what stands left of it is hearsay.
    """
    if not trusted or not trusts(trusted, peer):
        return peer
    chain = b",".join(value for name, value in fields if name == b"x-forwarded-for")
    current = peer
    for entry in reversed(chain.decode("latin-1").split(",")):
        parsed = _address(entry)
        if parsed is None:
            break
        current = str(parsed)
        if not trusts(trusted, current):
            break
    return current


def as_forwarded(head: RequestHead) -> RequestHead:
    """``head`` with the scheme and the host that the proxy in front, a trusted one, was asked for.

    It says so in ``X-Forwarded-Proto`` and ``X-Forwarded-Host``; of a list, the last is its own
    word. What is no scheme or no host says nothing.
    """
    scheme = _last(head, b"x-forwarded-proto").lower()
    if scheme in (b"http", b"https"):
        head = head._replace(scheme=scheme.decode())
    host = _last(head, b"x-forwarded-host")
    if _FORWARDED_HOST.fullmatch(host):
        others = [line for line in head.fields if line[0] != b"host"]
        head = head._replace(fields=[(b"host", host), *others], first=None)
    return head


def _last(head: RequestHead, name: bytes) -> bytes:
    return head.joined(name).rpartition(b",")[2].strip(b" \t")


def forwarded_fields(client: str, scheme: str, host: bytes) -> Fields:
    """``Forwarded`` (RFC 7239) and its older kin, made anew: never appended to hearsay."""
    node = f'"[{client}]"' if ":" in client else client
    safe_host = host.replace(b'"', b"").replace(b"\\", b"")
    return [
        (b"forwarded", f"for={node};proto={scheme};host=".encode() + b'"' + safe_host + b'"'),
        (b"x-forwarded-for", client.encode()),
        (b"x-forwarded-proto", scheme.encode()),
        (b"x-forwarded-host", safe_host),
    ]


def spoken_through_proxy(fields: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether any field says that a proxy stands between the peer and the caller."""
    for name, _ in fields:
        name = canonical(name)  # noqa: PLW2901  the folded form is the only one compared
        if name in (b"forwarded", b"x-real-ip", b"via") or name.startswith(b"x-forwarded-"):
            return True
    return False


def header_safe(text: str) -> bytes:
    """``text`` as a field value: what is not visible ASCII is percent-encoded (RFC 3986 §2.1)."""
    raw = text.encode()
    if _VISIBLE.fullmatch(raw):
        return raw
    return b"".join(bytes((byte,)) if 32 < byte < 127 else b"%%%02X" % byte for byte in raw)


@lru_cache(maxsize=256)
def scope_list(scopes: frozenset[str]) -> bytes:
    """``scopes`` as RFC 6749 §3.3 lists them: sorted, blanks between and none within."""
    return b" ".join([header_safe(scope) for scope in sorted(scopes)])
