"""Which strings and numbers of a request are looked at, and documents within strings."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.body.filters import Place
from router.errors import DownstreamError
from router.privacy.parts import edited
from router.privacy.redact import Redaction, Redactor
from router.privacy.restore import Restorer
from router.privacy.selectors import Selectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.privacy.bodies import Opaque
    from router.privacy.detector import Detector
    from router.privacy.spans import Span

pytestmark = pytest.mark.asyncio(loop_scope="session")

JSON = b"application/json"


class Seen:
    """A finder that remembers the contexts it is asked with."""

    def __init__(self, finder: Detector) -> None:
        self.find, self.may_hold = finder.find, finder.may_hold
        self._finder = finder
        self.contexts: list[str] = []

    async def spans(
        self, texts: Sequence[str], *, contexts: Sequence[str] = (), **options: Any
    ) -> list[list[Span]]:
        self.contexts += contexts
        return await self._finder.spans(texts, contexts=contexts, **options)


async def sent(redactor: Redactor, value: object) -> Any:
    return json.loads((await redactor.redact(json.dumps(value).encode(), JSON)).body)


def restored(redaction: Redaction, text: str, *, nested: bool = False) -> str:
    edits, _ = Restorer(redaction.values).edits(text, Place(("a",), nested=nested), final=True)
    if nested:
        edits = [one._replace(new=json.dumps(one.new)[1:-1]) for one in edits]
    return edited(text, edits)


# documents within strings


async def test_tool_arguments_stay_json_whatever_is_taken_out_of_them(detector: Detector) -> None:
    inner = '{ "to" : "bob\\u0040x.io", "ssn":536904399, "n": 1e400, "é": "\\/ \\"x\\"" }'
    body = json.dumps({"arguments": inner, "b": 1}, ensure_ascii=False)
    redaction = await Redactor(detector).redact(body.encode(), JSON)
    expected = inner.replace("bob\\u0040x.io", "<EMAIL_ADDRESS_1>").replace(
        "536904399", '"<US_SSN_1>"'
    )
    assert (
        redaction.body == json.dumps({"arguments": expected, "b": 1}, ensure_ascii=False).encode()
    )
    assert json.loads(json.loads(redaction.body)["arguments"])["ssn"] == "<US_SSN_1>"


async def test_what_is_not_edited_keeps_its_escapes_within_escapes(detector: Detector) -> None:
    body = b'{"a":"[\\u0022\\\\u00e9 \\u00e9\\", \\"bob@x.io\\", \\"\\u20ac\\"]"}'
    redaction = await Redactor(detector).redact(body, JSON)
    assert redaction.body == body.replace(b"bob@x.io", b"<EMAIL_ADDRESS_1>")


async def test_documents_within_documents_within_strings(detector: Detector) -> None:
    value: Any = {"to": "bob@x.io"}
    for _ in range(6):
        value = {"s": json.dumps(value)}
    out = await sent(Redactor(detector), value)
    for _ in range(6):
        out = json.loads(out["s"])
    assert out == {"to": "<EMAIL_ADDRESS_1>"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[4111111111111111]", '["<CREDIT_CARD_1>"]'),
        ('{"ssn no": "536904399"}', '{"ssn no": "<US_SSN_1>"}'),
        ("{to: bob@x.io}", "{to: <EMAIL_ADDRESS_1>}"),
        ("[bob@x.io]", "[<EMAIL_ADDRESS_1>]"),
        ('{"a": "\\ud800 bob@x.io"}', '{"a": "\\ud800 <EMAIL_ADDRESS_1>"}'),
        ('{"bob@x.io": 1}', '{"<EMAIL_ADDRESS_1>": 1}'),
        ('{"model": "bob@x.io", "id": "10.20.30.40"}', None),
    ],
)
async def test_a_string_that_is_a_document_hides_nothing_that_a_text_would_not(
    detector: Detector, text: str, expected: str | None
) -> None:
    out = (await sent(Redactor(detector), {"content": text}))["content"]
    if expected is None:
        assert "x.io" not in out
        assert "10.20" not in out
    else:
        assert out == expected


async def test_values_are_counted_once_over_all_documents_in_a_request(detector: Detector) -> None:
    inner = "[" + "1," * 30_000 + "1]"
    body = json.dumps([inner] * 4).encode()
    with pytest.raises(Exception, match="too many values"):
        await Redactor(detector).redact(body, JSON)


_VALUES = "[" + "1," * 30_000 + '"x"]'
_CODED = base64.b64encode(_VALUES.encode()).decode()
_FIELD = '--b\r\nContent-Disposition: form-data; name="a"\r\n'
_DATA_URL = f"data:application/json;base64,{_CODED}"


@pytest.mark.parametrize(
    ("media_type", "one", "between"),
    [
        (b"application/x-ndjson", _VALUES, "\n"),
        (JSON, f'"{_DATA_URL}"', ","),
        (
            b"multipart/form-data; boundary=b",
            f"{_FIELD}Content-Type: application/json\r\n\r\n{_VALUES}\r\n",
            "",
        ),
        (
            b"multipart/form-data; boundary=b",
            f"{_FIELD}Content-Type: application/x-www-form-urlencoded\r\n\r\n{'a&' * 9_000}\r\n",
            "",
        ),
    ],
)
@pytest.mark.parametrize("uninspectable", ["block", "pass"])
async def test_values_are_counted_over_lines_files_and_fields_too(
    detector: Detector, media_type: bytes, one: str, between: str, uninspectable: Opaque
) -> None:
    redactor = Redactor(detector, uninspectable=uninspectable)

    def of(parts: int) -> bytes:
        whole = between.join([one] * parts)
        if media_type == JSON:
            return f"[{whole}]".encode()
        return (whole if b"form" not in media_type else f"{whole}--b--\r\n").encode()

    await redactor.redact(of(3), media_type)
    with pytest.raises(DownstreamError, match="too many values") as refusal:
        await redactor.redact(of(12), media_type)
    assert refusal.value.status == 413


async def test_what_stands_before_values_counts_into_what_is_looked_through(
    detector: Detector,
) -> None:
    inner = json.dumps([{"k": "a1"}] * 2_000)
    with pytest.raises(DownstreamError, match="too long") as refusal:
        await Redactor(detector, max_text=40_000).redact(json.dumps([inner]).encode(), JSON)
    assert refusal.value.status == 413
    await Redactor(detector, max_text=60_000).redact(json.dumps([inner]).encode(), JSON)


async def test_as_much_before_a_value_is_seen_as_tells_what_it_is(detector: Detector) -> None:
    near = '{"social security number": "536904399"}'
    assert "<US_SSN_1>" in (await sent(Redactor(detector), [near]))[0]
    finder = Seen(detector)
    await Redactor(finder).redact(json.dumps([json.dumps({"k" * 90: "a1"})]).encode(), JSON)
    assert max(map(len, finder.contexts)) == 48


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    texts=st.lists(
        st.lists(
            st.sampled_from(
                ["bob@x.io", '"', "\\", "\n", "é", " ", "536-90-4399", "\\u0040", "{", "😀"]
            ),
            max_size=6,
        ).map("".join),
        max_size=3,
    ),
    depth=st.integers(1, 3),
    ascii_only=st.booleans(),
)
async def test_inner_documents_are_restored_as_they_were(
    detector: Detector, texts: list[str], depth: int, ascii_only: bool
) -> None:
    value: Any = texts
    for _ in range(depth):
        value = {"arguments": json.dumps(value, ensure_ascii=ascii_only)}
    redaction = await Redactor(detector).redact(json.dumps(value).encode(), JSON)
    out = json.loads(redaction.body)
    for _ in range(depth):
        out = json.loads(out["arguments"])
    back = [restored(redaction, text) for text in out]
    assert back == texts
    if depth == 1:
        whole = json.loads(redaction.body)["arguments"]
        assert json.loads(restored(redaction, whole, nested=True)) == texts


# numbers


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ("telling", {"card": "<CREDIT_CARD_1>", "x": 4111111111111111, "t": 0.75}),
        ("all", {"card": "<CREDIT_CARD_1>", "x": "<CREDIT_CARD_1>", "t": 0.75}),
        ("off", {"card": 4111111111111111, "x": 4111111111111111, "t": 0.75}),
    ],
)
async def test_numbers_are_looked_at_by_their_names_or_all_or_none(
    detector: Detector, numbers: Any, expected: object
) -> None:
    value = {"card": 4111111111111111, "x": 4111111111111111, "t": 0.75}
    assert await sent(Redactor(detector, numbers=numbers), value) == expected


# places


@pytest.mark.parametrize(
    ("place", "path", "held"),
    [
        ("$.a[*].b", ("$", "a", 3, "b"), True),
        ("$.a[*].b", ("$", "a", 3, "b", "c", 0), True),
        ("$.a[*].b", ("$", "a", "b"), False),
        ("$.a[*].b", ("$", "a", 3), False),
        ("$.a[1]", ("$", "a", 1), True),
        ("$.a[1]", ("$", "a", 2), False),
        ("$..text", ("$", "text"), True),
        ("$..text", ("$", "a", 0, "text", "x"), True),
        ("$..text", ("$", "a", 0, "texts"), False),
        ("$..a.b", ("$", "a", "a", "b"), True),
        ("$..a..b", ("$", "x", "a", "y", "b"), True),
        ("$..*", ("$", "a"), True),
        ("$", ("$",), True),
        ("query.q", ("query", "q"), True),
        ("query.q", ("$", "q"), False),
    ],
)
async def test_a_place_holds_what_stands_below_it(
    place: str, path: tuple[str | int, ...], held: bool
) -> None:
    assert Selectors(skip=[place]).chooses(path) is not held
    if path[0] == place.partition(".")[0]:
        assert Selectors(only=[place]).chooses(path) is held


async def test_only_some_places_are_looked_at(detector: Detector) -> None:
    redactor = Redactor(detector, only=["$.messages[*].content", "query.q"])
    value = {
        "user": "bob@x.io",
        "messages": [{"content": "eve@x.io", "name": "x@x.io"}, {"content": [{"text": "y@x.io"}]}],
    }
    redaction = await redactor.redact(
        json.dumps(value).encode(), JSON, query=b"q=a@x.io&r=b@x.io", rest=b"/c@x.io"
    )
    assert redaction.query == b"q=%3CEMAIL_ADDRESS_2%3E&r=b@x.io"
    assert redaction.rest == b"/%3CEMAIL_ADDRESS_1%3E", "nothing was said of the path"
    assert json.loads(redaction.body) == {
        "user": "bob@x.io",
        "messages": [
            {"content": "<EMAIL_ADDRESS_3>", "name": "x@x.io"},
            {"content": [{"text": "<EMAIL_ADDRESS_4>"}]},
        ],
    }


async def test_some_places_are_not_looked_at(detector: Detector) -> None:
    skip = ["$..metadata", "$.args.to", "header.x-note", "form.raw", "$.file", "$[*].id"]
    redactor = Redactor(detector, skip=skip)
    value = {
        "metadata": {"a": "bob@x.io"},
        "b": {"metadata": ["bob@x.io"]},
        "c": "bob@x.io",
        "args": json.dumps({"to": "bob@x.io", "cc": "bob@x.io"}),
        "file": "data:application/pdf;base64,AAAA",
    }
    out = await sent(redactor, value)
    assert out == {
        **value,
        "c": "<EMAIL_ADDRESS_1>",
        "args": json.dumps({"to": "bob@x.io", "cc": "<EMAIL_ADDRESS_1>"}),
    }
    form = b"raw=bob@x.io&b=bob@x.io"
    fields = [(b"x-note", b"bob@x.io"), (b"x-other", b"bob@x.io")]
    redaction = await redactor.redact(form, b"application/x-www-form-urlencoded", fields=fields)
    assert redaction.body == b"raw=bob@x.io&b=%3CEMAIL_ADDRESS_1%3E"
    assert redaction.fields == [fields[0], (b"x-other", b"<EMAIL_ADDRESS_1>")]
    lines = b'{"id":"bob@x.io","b":"bob@x.io"}\n'
    redaction = await redactor.redact(lines, b"application/x-ndjson")
    assert redaction.body == b'{"id":"bob@x.io","b":"<EMAIL_ADDRESS_1>"}\n'


# calls of tools


async def test_a_call_of_a_tool_and_its_result_are_looked_at_and_its_protocol_is_not(
    detector: Detector,
) -> None:
    chat = {
        "model": "gpt-4o",
        "tools": [{"type": "function", "function": {"name": "send_mail"}}],
        "messages": [
            {"role": "assistant", "tool_calls": [
                {"id": "536-90-4399", "type": "function",
                 "function": {"name": "send_mail", "arguments": '{"to": "bob@x.io"}'}},
            ]},
            {"role": "tool", "tool_call_id": "536-90-4399", "content": '{"sent": ["bob@x.io"]}'},
        ],
    }  # fmt: skip
    expected = json.dumps(chat).replace("bob@x.io", "<EMAIL_ADDRESS_1>")
    assert json.dumps(await sent(Redactor(detector), chat)) == expected
    mcp = {
        "jsonrpc": "2.0", "id": "536-90-4399", "method": "tools/call",
        "params": {"name": "send_mail", "_meta": {"progressToken": "536-90-4399"},
                   "arguments": {"to": ["bob@x.io"], "ssn": 536904399}},
    }  # fmt: skip
    out = await sent(Redactor(detector), mcp)
    assert out["params"]["arguments"] == {"to": ["<EMAIL_ADDRESS_1>"], "ssn": "<US_SSN_1>"}
    assert {**out, "params": {**out["params"], "arguments": 0}} == {
        **mcp,
        "params": {**mcp["params"], "arguments": 0},  # type: ignore[dict-item]
    }
