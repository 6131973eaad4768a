"""TLS towards upstreams: always verified."""

from __future__ import annotations

import ssl


def tls_context(ca: str = "", certificate: str = "", key: str = "") -> ssl.SSLContext:
    """A verifying client context.

    ``ca`` is a PEM file trusted instead of the system's; ``certificate`` and ``key`` are ours for
    mutual TLS (``key`` may stand in the certificate's file). OSError, ssl.SSLError: unreadable.
    """
    context = ssl.create_default_context(cafile=ca or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if certificate:
        context.load_cert_chain(certificate, key or None)
    return context


def verifies(context: ssl.SSLContext) -> bool:
    """Whether the context checks both the certificate and the name in it."""
    return context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname
