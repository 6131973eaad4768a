"""The fields of an answer: what passes, what is rewritten, what is masked. Pure.

``response_fields`` is given the end-to-end fields (``router.fields.end_to_end`` has run); trailers
are never given to it and never pass.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from router.errors import UpstreamError
from router.masking.cookies import outward_cookie
from router.masking.location import authority_of, host_of, lies_under, links, outward_url
from router.masking.vocabulary import MODEL

if TYPE_CHECKING:
    from router.exchange import Fields, ResponseHead
    from router.masking.editor import Masking
    from router.masking.location import Caller, Site

RESPONSE_FIELDS = frozenset(
    {
        b"accept-patch", b"accept-post", b"accept-ranges", b"age", b"allow", b"cache-control",
        b"content-digest", b"content-disposition", b"content-encoding", b"content-language",
        b"content-length", b"content-location", b"content-md5", b"content-range",
        b"content-security-policy", b"content-type", b"deprecation", b"digest", b"etag",
        b"expires", b"last-modified", b"link", b"location", b"mcp-protocol-version",
        b"mcp-session-id", b"pragma", b"preference-applied", b"referrer-policy", b"repr-digest",
        b"retry-after", b"set-cookie", b"sunset", b"vary", b"www-authenticate",
        b"x-content-type-options", b"x-frame-options",
    }
)  # fmt: skip
"""What passes from every upstream; a service's ``response_fields`` adds to it."""

REWRITTEN = frozenset(
    {b"location", b"content-location", b"link", b"set-cookie", b"www-authenticate"}
)
"""What is told each caller in its own terms."""

_NEVER = frozenset(
    {
        b"alt-svc", b"date", b"ratelimit", b"ratelimit-policy", b"server-timing",
        b"cache-status", b"proxy-status", b"x-privacy", b"x-request-id", b"set-cookie2",
        b"trailer", b"public-key-pins",
    }
)  # fmt: skip
"""What the router says itself, or what would lead callers past it; not even unmasked."""
_NEVER_PREFIXES = (b"access-control-", b"x-accel-", b"x-sendfile")

_AS_IT_IS = frozenset(
    {
        b"content-digest", b"content-encoding", b"content-length", b"content-md5",
        b"content-range", b"digest", b"etag", b"last-modified", b"mcp-session-id",
        b"repr-digest", b"retry-after", b"set-cookie",
    }
)  # fmt: skip
"""Opaque values that callers send back, checksums, framing."""

_OF_UNEDITED = frozenset(
    {
        b"accept-ranges", b"content-digest", b"content-encoding", b"content-length",
        b"content-md5", b"digest", b"repr-digest",
    }
)  # fmt: skip
_WELL_KNOWN = b"/.well-known/"
_RESOURCE = re.compile(rb'(resource_metadata\s*=\s*)"([^"]*)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FieldPolicy:
    """What of a service's answers passes; compiled once.

    ``masking`` None: every end-to-end field passes unmasked. ``added`` and ``cookies`` are the
    service's own names, ``added`` in lower case.
    """

    site: Site
    masking: Masking | None = None
    added: frozenset[bytes] = frozenset()
    cookies: frozenset[bytes] = frozenset()

    def passes(self, name: bytes) -> bool:
        """Whether a field that is not among ``RESPONSE_FIELDS`` goes to the caller."""
        if name in self.added:
            return True
        if self.masking is not None:
            return False
        return name not in _NEVER and not name.startswith(_NEVER_PREFIXES)


def response_fields(policy: FieldPolicy, head: ResponseHead, caller: Caller) -> Fields:
    """The fields of ``head`` as the caller may see them.

    Raises UpstreamError 502 ``http_protocol_error`` for a redirect that leads nowhere the caller
    could go.
    """
    masking = policy.masking
    fields: Fields = []
    for line in head.fields:
        name, value = line
        if name not in RESPONSE_FIELDS and not policy.passes(name):
            continue
        if name in REWRITTEN:
            new = _outward(policy, caller, name, value)
            if new is not None:
                fields.append((name, _masked_value(masking, name, new)))
            elif name == b"location" and 300 <= head.status < 400:
                raise UpstreamError(502, "http_protocol_error", "the service redirects to nowhere")
        elif masking is None or name in _AS_IT_IS:
            fields.append(line)
        else:
            fields.append((name, masking.field(value)))
    return fields


def _outward(policy: FieldPolicy, caller: Caller, name: bytes, value: bytes) -> bytes | None:
    """What of ``REWRITTEN`` the caller is told; None: nothing."""
    match name:
        case b"location" | b"content-location":
            return _url(policy, caller, value)
        case b"link":
            return _links(policy, caller, value)
        case b"set-cookie":
            return outward_cookie(policy.site, caller, policy.cookies, value)
        case b"www-authenticate":
            return _RESOURCE.sub(lambda found: _resource(policy, caller, found), value)
        case _:
            raise AssertionError(f"nothing says how {name!r} is rewritten")


def _url(policy: FieldPolicy, caller: Caller, url: bytes) -> bytes | None:
    """A URL for the caller: a vendor's host is nobody's business, a stranger's may stay."""
    new = outward_url(policy.site, caller, url)
    if new is None or policy.masking is None:
        return new
    authority = authority_of(new)
    if authority is None:
        return new
    host = host_of(authority).decode("latin-1")
    return None if policy.masking.text(host, MODEL) != host else new


def _links(policy: FieldPolicy, caller: Caller, value: bytes) -> bytes | None:
    found = links(value)
    if found is None:
        return None
    kept: list[bytes] = []
    for url, parameters in found:
        new = _url(policy, caller, url)
        if new is not None:
            kept.append(b"<" + new + b">" + parameters)
    return b", ".join(kept) or None


def _resource(policy: FieldPolicy, caller: Caller, found: re.Match[bytes]) -> bytes:
    """``resource_metadata`` (RFC 9728 §5.1): absolute, on the caller's origin.

    On a platform's own host, well-known paths have their place at the root; in the one URL's form
    they are below the service, as every other path is.
    """
    url = _url(policy, caller, found[2])
    if url is None:
        url = _WELL_KNOWN + b"oauth-protected-resource"
    elif caller.prefix == b"/api/" and authority_of(url) is None:
        url = _at_root(policy.site.own.path, caller, found[2]) or url
    new = url if authority_of(url) is not None else caller.origin + url
    return found[1] + b'"' + new + b'"'


def _at_root(own: bytes, caller: Caller, url: bytes) -> bytes | None:
    """A well-known URI whose suffix is the upstream's path (RFC 9728 §3.1), as the caller's."""
    if authority_of(url) is None:
        return None
    path = b"/" + url.split(b"/", 3)[3] if url.count(b"/") > 2 else b"/"
    if not path.startswith(_WELL_KNOWN):
        return None
    kind, _, suffix = path.removeprefix(_WELL_KNOWN).partition(b"/")
    resource = b"/" + suffix
    if suffix and lies_under(resource, own):
        resource = caller.base + resource[len(own) :]
    return _WELL_KNOWN + kind + (resource if suffix else b"")


def masked_fields(masking: Masking | None, fields: Fields) -> Fields:
    """``fields`` with their values masked.

    ``response_fields`` has done it; for values that plugins put in afterwards.
    """
    return [(name, _masked_value(masking, name, value)) for name, value in fields]


def _masked_value(masking: Masking | None, name: bytes, value: bytes) -> bytes:
    if masking is None or name in _AS_IT_IS:
        return value
    if name in (b"location", b"content-location") and authority_of(value) is not None:
        return value  # a stranger's URL works whole or not at all
    return masking.field(value)


def edited_fields(fields: Fields, *, restored: bool) -> Fields:
    """``fields`` of an answer whose body is edited: no length, digest, coding, ranges of the old.

    A masked body keeps its meaning, so its ``ETag`` is weakened (RFC 9110 §8.8.1); with restored
    values in it, it is another for every caller, and the tag goes.
    """
    kept: Fields = []
    for name, value in fields:
        if name == b"etag":
            if restored:
                continue
            value = value if value.startswith(b"W/") else b"W/" + value  # noqa: PLW2901  the line as it goes on
        if name not in _OF_UNEDITED:
            kept.append((name, value))
    return kept


def private_fields(fields: Fields) -> Fields:
    """``fields`` of an authenticated answer: kept out of shared caches where nothing is said."""
    for name, _ in fields:
        if name == b"cache-control":
            return fields
    return [*fields, (b"cache-control", b"private, no-store")]
