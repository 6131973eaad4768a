"""Phase 13's editor on each string: mask, restore, look for what is the upstream's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.body.editors import MaskThenRestore
from router.body.select import reader_for, the_type
from router.masking.shipped import DROPPED_MEMBERS
from router.privacy.restore import Restorer

if TYPE_CHECKING:
    from router.body.filters import BodyFilter, Editor
    from router.exchange import ResponseHead
    from router.masking.editor import Masking
    from router.phases.call import Call

_NOTHING: frozenset[str] = frozenset()


def text_pass(masking: Masking | None, call: Call, head: ResponseHead) -> BodyFilter | None:
    """The filter for this answer's body; None where nothing in it is to be changed."""
    restore: Editor | None = None
    if call.redaction is not None and call.redaction.values:
        restore = Restorer(call.redaction.values)
    if masking is not None:
        mask = call.mask = masking.editor(asked=call.asked_model, failed=head.status >= 400)
        editor: Editor | None = mask if restore is None else MaskThenRestore(mask, restore)
    else:
        editor = restore
    if call.service is not None and call.service.redactor is not None:
        counts = call.exchange.outcome.entities
        editor = call.service.redactor.answer_editor(editor, counts)
    if editor is None:
        return None
    types = head.all(b"content-type")
    media_type = the_type(types) if types else b""
    return reader_for(media_type, editor, drop=DROPPED_MEMBERS if masking else _NOTHING)
