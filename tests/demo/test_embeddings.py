from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import openai
import pytest

from router.demo.embeddings import vector

if TYPE_CHECKING:
    from tests.demo.conftest import Origin


@pytest.mark.parametrize("function", ["embeddings", "generate-embedding"])
def test_the_sdk_reads_base64_vectors(origin: Origin, function: str) -> None:
    with openai.OpenAI(
        base_url=f"{origin.functions}/{function}",
        api_key=origin.env["EDGE_FUNCTIONS_KEY"],
        max_retries=0,
    ) as client:
        answer = client.embeddings.create(model="text-embedding-3-small", input=["one", "two"])
    assert [item.index for item in answer.data] == [0, 1]
    assert answer.data[1].embedding == pytest.approx(vector("two"), abs=1e-6)


def test_floats_come_as_json_numbers(origin: Origin) -> None:
    answer = httpx.post(
        f"{origin.functions}/generate-embedding",
        json={"text": "one", "dimensions": 8},
        headers=origin.edge,
    ).json()
    assert answer["embedding"] == vector("one", 8)
    assert answer["dimensions"] == 8


def test_an_empty_input_is_refused(origin: Origin) -> None:
    answer = httpx.post(f"{origin.functions}/embeddings", json={"input": []}, headers=origin.edge)
    assert answer.status_code == 400


def test_the_same_text_has_the_same_unit_vector() -> None:
    assert vector("x") == vector("x")
    assert vector("x") != vector("y")
    assert sum(value * value for value in vector("x")) == pytest.approx(1.0)
