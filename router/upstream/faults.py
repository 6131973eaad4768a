"""What goes wrong on an open connection, in the words of RFC 9209 §2.3; no text names a host."""

from __future__ import annotations

from router.errors import UpstreamError


def timed_out() -> UpstreamError:
    """504: no answer, or no more of it, in time."""
    return UpstreamError(504, "http_response_timeout", "the upstream did not answer in time")


def incomplete(*, started: bool) -> UpstreamError:
    """502: the connection ended in the middle, or before anything came."""
    if started:
        return UpstreamError(
            502, "http_response_incomplete", "the upstream's answer ended before its end"
        )
    return UpstreamError(
        502, "connection_terminated", "the upstream closed the connection without an answer"
    )


def malformed() -> UpstreamError:
    """502: what came is no HTTP/1.1 response."""
    return UpstreamError(502, "http_protocol_error", "the upstream's answer is malformed")


def head_too_large() -> UpstreamError:
    """502: too many or too large fields, or trailers."""
    return UpstreamError(
        502, "http_response_header_section_size", "the upstream's answer has too large a head"
    )


def coding_unknown() -> UpstreamError:
    """502: a transfer coding beside chunked."""
    return UpstreamError(
        502, "http_response_transfer_coding", "the upstream's answer is in an unknown coding"
    )


def upgraded() -> UpstreamError:
    """502: a 101 that nobody asked for."""
    return UpstreamError(502, "http_upgrade_failed", "the upstream changed the protocol")


def full() -> UpstreamError:
    """503: our own bound on connections."""
    return UpstreamError(
        503, "connection_limit_reached", "the upstream is busy to its limit", retry_after=1
    )
