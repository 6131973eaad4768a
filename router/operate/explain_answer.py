"""What would leave for the upstream, and what would be done with its answer."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, Final

from router.masking.shipped import VENDORS
from router.operate.explain_secrets import shown_lines
from router.upstream.request import encode_head
from router.upstream.target import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.config.models import Config
    from router.config.services import ServiceSettings
    from router.exchange import Principal
    from router.masking.editor import Masking
    from router.phases.call import Call
    from router.phases.inbound import Outgoing
    from router.phases.service import Destination, Service


_TEXT: Final = re.compile(
    rb"(?i)text/|application/(?:[\w.+-]*(?:json|xml)|x-www-form-urlencoded|jsonl|graphql|yaml)\b"
)
"""Media types of which everything is looked through; a form's parts may be files that are not."""


def upstream(
    name: str,
    targets: Sequence[str],
    outgoing: Outgoing,
    shown: Outgoing,
    hidden: frozenset[bytes],
    *,
    show_values: bool,
) -> dict[str, Any]:
    """Where a request goes, and its head as the first target gets it; of it ``shown`` is shown.

    ``hidden`` are the names of fields that hold credentials. DownstreamError 400 for a field that
    cannot be sent.
    """
    target = Target.parse(targets[0])
    encode_head(target, outgoing.method, outgoing.path, outgoing.fields, outgoing.body)
    raw = encode_head(target, shown.method, shown.path, shown.fields, outgoing.body)
    start, *lines = raw.removesuffix(b"\r\n\r\n").split(b"\r\n")
    pairs = [line.partition(b": ") for line in lines]
    fields = [(name, value) for name, _, value in pairs]
    return {
        "name": name,
        "targets": list(targets),
        "start": start.decode("latin-1"),
        "fields": shown_lines(fields, hidden, show_values=show_values),
    }


def secret_fields(
    service: Service, destination: Destination, principal: Principal
) -> frozenset[bytes]:
    """The names under which credentials stand, the caller's and the router's own."""
    own = {
        name
        for credential in destination.credentials
        for name, _ in credential.fields(principal, time.time())
    }
    return service.auth.fields | own


def is_text(media_type: bytes) -> bool:
    """Whether a body of this type was looked through, all of it; one of no type is text."""
    return not media_type or _TEXT.match(media_type) is not None


def body(outgoing: Outgoing, shown: Outgoing, *, clear: bool) -> dict[str, Any]:
    """The body: how long it is and, if it may be shown (``clear``) and is text, what it says."""
    if not isinstance(outgoing.body, bytes):
        return {"bytes": outgoing.body.length, "text": None, "why_not": "streamed through"}
    assert isinstance(shown.body, bytes), "it is made of that one"
    text = _text(shown.body) if clear else None
    why = None
    if text is None:
        why = "no text" if clear else "not looked through, or not all of it"
    return {"bytes": len(outgoing.body), "text": text, "why_not": why}


def _text(raw: bytes) -> str | None:
    """A body to be read by people; None where it is none for them."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def answer(config: Config, call: Call, service: Service) -> dict[str, Any]:
    """What is masked in an answer, what is put back, and what is looked for in it."""
    settings = config.table[service.labels]
    looks = settings.privacy.mode != "off"
    return {
        "masking": None if service.masking is None else _masking(config, settings),
        "model": None if service.masking is None else _model(service.masking, call.asked_model),
        "restored": len(call.redaction.values) if call.redaction is not None else 0,
        "personal_data": settings.privacy.answers if looks else "off",
    }


def _masking(config: Config, settings: ServiceSettings) -> dict[str, Any]:
    said = settings.masking
    return {
        "brand": config.brand,
        "vendors": dict(said.vendors),
        "shipped_vendors": len(VENDORS),
        "models": dict(said.models),
        "models_policy": said.models_policy,
    }


def _model(masking: Masking, asked: str) -> dict[str, str] | None:
    return {"asked": asked, "sent": masking.models.inward(asked)} if asked else None
