"""``embeddings`` and ``generate-embedding``: long arrays of floats, the same for the same text."""

from __future__ import annotations

import base64
import math
import random
import struct
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from router.demo.vendor import (
    EMBEDDING_MODEL,
    json_object,
    openai_error,
    openai_fields,
    unreadable_body,
)

if TYPE_CHECKING:
    from starlette.requests import Request

_DIMENSIONS = 1536
_MOST_INPUTS = 256


def vector(text: str, dimensions: int = _DIMENSIONS) -> list[float]:
    """A unit vector that depends on ``text`` alone."""
    source = random.Random(text)  # noqa: S311 - a stand-in for a model, not a secret
    values = [source.gauss(0.0, 1.0) for _ in range(dimensions)]
    length = math.sqrt(sum(value * value for value in values))
    return [value / length for value in values]


async def embeddings(request: Request) -> Response:
    """OpenAI's shape: ``input`` one or many; ``encoding_format`` float or base64."""
    asked = await json_object(request)
    if asked is None:
        return unreadable_body()
    inputs = _inputs(asked.get("input"))
    if not inputs:
        return openai_error(400, "'input' cannot be an empty string.", param="input")
    vectors = [vector(text, _dimensions(asked)) for text in inputs]
    as_base64 = asked.get("encoding_format") == "base64"
    model = asked.get("model")
    return JSONResponse(
        {
            "object": "list",
            "data": [
                {"object": "embedding", "index": n, "embedding": _packed(v) if as_base64 else v}
                for n, v in enumerate(vectors)
            ],
            "model": model if isinstance(model, str) else EMBEDDING_MODEL,
            "usage": _usage(inputs),
        },
        headers=openai_fields(),
    )


async def generate_embedding(request: Request) -> Response:
    """The edge function's own shape: ``text`` (or ``input``) in, one ``embedding`` out."""
    asked = await json_object(request)
    if asked is None:
        return unreadable_body()
    inputs = _inputs(asked.get("text") or asked.get("input"))
    if not inputs:
        return openai_error(400, "'text' cannot be an empty string.", param="text")
    values = vector(inputs[0], _dimensions(asked))
    return JSONResponse(
        {
            "embedding": values,
            "dimensions": len(values),
            "model": EMBEDDING_MODEL,
            "provider": "openai",
            "usage": _usage(inputs[:1]),
        },
        headers=openai_fields(),
    )


def _inputs(given: object) -> list[str]:
    """The texts; a list of token numbers counts as one text."""
    if isinstance(given, str):
        return [given] if given else []
    if not isinstance(given, list) or not given:
        return []
    if isinstance(given[0], int):
        return [str(given)]
    return [str(one) for one in given[:_MOST_INPUTS]]


def _dimensions(asked: dict[str, object]) -> int:
    wanted = asked.get("dimensions")
    return min(wanted, 4096) if isinstance(wanted, int) and wanted > 0 else _DIMENSIONS


def _packed(values: list[float]) -> str:
    """Little-endian 32-bit floats in base64: what SDKs ask for to save bytes."""
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


def _usage(inputs: list[str]) -> dict[str, Any]:
    tokens = sum(len(text) // 4 + 1 for text in inputs)
    return {"prompt_tokens": tokens, "total_tokens": tokens}
