"""``router explain``: what privacy would find, what would become of it, and what is shown of it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.operate.asking import Asking

JSON = "Content-Type: application/json"
MAIL, CARD = "jane@example.com", "4111 1111 1111 1111"
CHAT = json.dumps(
    {"model": "onasis-chat", "messages": [{"role": "user", "content": f"{MAIL} pays by {CARD}"}]}
)


def test_a_chat_with_an_address_and_a_card(asking: Asking) -> None:
    told = asking.told("POST", "/lanonasis/api/both", JSON, data=CHAT)
    mail, card = told["privacy"]["findings"]
    assert mail["path"] == card["path"] == "$.messages[0].content"
    assert (mail["entity"], mail["score"], mail["shape"]) == (
        "EMAIL_ADDRESS", 1.0, "aaaa@aaaaaaa.aaa",
    )  # fmt: skip
    assert "EmailRecognizer" in mail["recogniser"]
    assert "CreditCardRecognizer" in card["recogniser"]
    assert card["shape"] == "0000 0000 0000 0000"
    assert (card["becomes"], card["placeholder"]) == ("placeholder", "<CREDIT_CARD_1>")
    assert told["privacy"]["counts"] == {"EMAIL_ADDRESS": 1, "CREDIT_CARD": 1}
    body = json.loads(told["upstream"]["body"]["text"])
    assert body["messages"][0]["content"] == "<EMAIL_ADDRESS_1> pays by <CREDIT_CARD_1>"
    assert told["answer"]["model"] == {"asked": "onasis-chat", "sent": "gpt-4o-mini"}
    assert told["answer"]["restored"] == 2
    assert told["answer"]["masking"]["vendors"] == {"openai": "onasis"}
    assert told["answer"]["personal_data"] == "off"


@pytest.mark.parametrize("service", ["both", "blocking", "observed", "replaced", "open", "moded"])
@pytest.mark.parametrize("as_json", [True, False])
def test_no_value_is_shown_unasked(asking: Asking, service: str, as_json: bool) -> None:
    path = f"/lanonasis/api/{service}?mail={MAIL}&at=203.0.113.77"
    sent = (JSON, f"Mcp-Param-Card: {CARD}", f"Mcp-Name: {MAIL}")
    _, out, _ = asking.run("POST", path, *sent, data=CHAT, as_json=as_json)
    assert MAIL not in out
    assert CARD not in out
    assert "203.0.113.77" not in out


@pytest.mark.parametrize("as_json", [True, False])
def test_values_are_shown_when_asked(asking: Asking, as_json: bool) -> None:
    out = asking.run(
        "POST", "/lanonasis/api/moded", JSON, data=CHAT, as_json=as_json, show_values=True
    )[1]
    assert MAIL in out
    assert CARD in out


def test_what_is_only_counted_leaves_as_it_is_and_is_shown_as_a_shape(asking: Asking) -> None:
    body = json.dumps({"content": f"{MAIL} ü", "ssn": 536904399})
    told = asking.told("POST", f"/lanonasis/api/observed?a={MAIL}", JSON, data=body)
    assert {one["becomes"] for one in told["privacy"]["findings"]} == {"counted"}
    shown = json.loads(told["upstream"]["body"]["text"])
    assert shown == {"content": "aaaa@aaaaaaa.aaa ü", "ssn": "000000000"}
    assert told["upstream"]["body"]["bytes"] == len(body)
    assert told["upstream"]["start"].startswith("POST /observed?a=aaaa%40aaaaaaa.aaa ")
    assert told["answer"]["restored"] == 0


def test_a_blocking_service_tells_where_and_what(asking: Asking) -> None:
    told = asking.told("POST", "/lanonasis/api/blocking", JSON, data=CHAT)
    refusal = told["refusal"]
    assert (refusal["step"], refusal["status"]) == ("privacy", 422)
    assert refusal["code"] == "pii_blocked"
    assert {one["becomes"] for one in told["privacy"]["findings"]} == {"refused"}
    assert told["upstream"] is None


def test_each_entity_has_its_own_mode(asking: Asking) -> None:
    told = asking.told("POST", "/lanonasis/api/moded", JSON, data='{"a": "203.0.113.77, a@b.com"}')
    became = {one["entity"]: one["becomes"] for one in told["privacy"]["findings"]}
    assert became == {"IP_ADDRESS": "counted", "EMAIL_ADDRESS": "placeholder"}
    assert told["upstream"]["body"]["text"] == '{"a": "000.0.000.00, <EMAIL_ADDRESS_1>"}'
    told = asking.told(
        "POST", "/lanonasis/api/moded", JSON, data='{"a": "ssn 536-90-4399, a@b.com"}'
    )
    became = {one["entity"]: one["becomes"] for one in told["privacy"]["findings"]}
    assert became == {"US_SSN": "refused", "EMAIL_ADDRESS": "unsent"}


@pytest.mark.parametrize(
    ("url", "header", "data", "path", "becomes"),
    [
        (f"/{MAIL}", "X-A: b", None, "path[1]", "placeholder"),
        (f"?to={MAIL}", "X-A: b", None, "query.to", "placeholder"),
        ("", "Content-Type: application/x-www-form-urlencoded", f"to={MAIL}", "form.to",
         "placeholder"),
        ("", "Content-Type: text/plain", f"to {MAIL}", "body", "placeholder"),
        ("", f"Mcp-Name: {MAIL}", None, "header.mcp-name", "placeholder"),
        ("", f"Idempotency-Key: {MAIL}", None, "header.idempotency-key", "left out"),
        ("", JSON, json.dumps({"a": [{"b-c": MAIL}]}), "$.a[0].b-c", "placeholder"),
        ("", JSON, json.dumps({MAIL: 1}), "$.*", "placeholder"),
        ("", JSON, '{"ssn": 536904399}', "$.ssn", "placeholder"),
        ("", JSON, r'{"a": "jane\u0040example.com"}', "$.a", "placeholder"),
        ("", "Content-Type: text/plain", "jane%40example.com", "body", "placeholder"),
    ],
)  # fmt: skip
def test_where_a_finding_stands(
    asking: Asking, url: str, header: str, data: str | None, path: str, becomes: str
) -> None:
    told = asking.told("POST", f"/lanonasis/api/private{url}", header, data=data)
    (found,) = told["privacy"]["findings"]
    assert (found["path"], found["becomes"]) == (path, becomes)
    assert found["recogniser"]
    assert MAIL not in json.dumps(told)
    assert MAIL not in told["request"]["path"]


def test_what_lists_find_is_told_by_their_name(asking: Asking) -> None:
    told = asking.told("POST", "/lanonasis/api/own-words", JSON, data='{"a": "Rumpelstiltskin"}')
    (found,) = told["privacy"]["findings"]
    assert (found["entity"], found["recogniser"]) == ("SECRET_NAME", "privacy.deny")


def test_a_body_that_cannot_be_looked_through(asking: Asking) -> None:
    image = "Content-Type: image/png"
    told = asking.told("POST", "/lanonasis/api/private", image, data="x")
    assert (told["refusal"]["step"], told["refusal"]["status"]) == ("privacy", 415)
    told = asking.told("POST", "/lanonasis/api/observed", image, data="x")
    assert told["outcome"] == "forwarded"
    assert not told["privacy"]["looked"]
    why = "not looked through, or not all of it"
    assert told["upstream"]["body"] == {"bytes": 1, "text": None, "why_not": why}
    told = asking.told("POST", "/lanonasis/api/files", image, data=MAIL)
    assert told["upstream"]["body"] == {"bytes": len(MAIL), "text": None, "why_not": why}


def test_a_form_with_a_file_is_not_shown_but_its_findings_are(asking: Asking) -> None:
    head = 'Content-Disposition: form-data; name="'
    form = (
        f'--b\r\n{head}t"\r\n\r\n{MAIL}\r\n--b\r\n{head}f"; filename="f.bin"\r\n\r\n{CARD}\r\n--b--'
    )
    media_type = "Content-Type: multipart/form-data; boundary=b"
    told = asking.told("POST", "/lanonasis/api/files", media_type, data=form)
    assert [one["path"] for one in told["privacy"]["findings"]] == ["form.t"]
    assert CARD not in json.dumps(told)


def test_what_is_no_unicode_is_told_all_the_same(asking: Asking) -> None:
    data = '{"\\ud800": "' + MAIL + '\\udfff"}'
    for show_values in (True, False):
        told = asking.told(
            "POST", "/lanonasis/api/private", JSON, data=data, show_values=show_values
        )
        assert told["privacy"]["counts"] == {"EMAIL_ADDRESS": 1}
        assert asking.run("POST", "/lanonasis/api/private", JSON, data=data)[0] == 0


def test_what_nobody_looks_through_is_shown_only_when_asked(asking: Asking) -> None:
    told = asking.told("POST", "/lanonasis/api/open?code=abc&d", data="secret")
    assert told["privacy"] is None
    assert told["upstream"]["start"] == "POST /up?code=***&*** HTTP/1.1"
    assert told["upstream"]["body"]["text"] is None
    told = asking.told("POST", "/lanonasis/api/open?code=abc&d", data="secret", show_values=True)
    assert told["upstream"]["start"] == "POST /up?code=abc&d HTTP/1.1"
    assert told["upstream"]["body"]["text"] == "secret"


def test_a_body_from_a_file_in_a_coding(asking: Asking, tmp_path: Path) -> None:
    file = tmp_path / "body.gz"
    file.write_bytes(gzip.compress(CHAT.encode()))
    told = asking.told(
        "POST", "/lanonasis/api/private", JSON, "Content-Encoding: gzip", data=f"@{file}"
    )
    assert len(told["privacy"]["findings"]) == 2
    assert "<CREDIT_CARD_1>" in told["upstream"]["body"]["text"]


def test_a_malformed_body_and_a_model_that_is_not_offered(asking: Asking) -> None:
    told = asking.told("POST", "/lanonasis/api/both", JSON, data='{"a')
    assert (told["refusal"]["step"], told["refusal"]["code"]) == ("body", "malformed_body")
    told = asking.told("POST", "/lanonasis/api/strict-models", JSON, data='{"model": "x"}')
    assert (told["refusal"]["step"], told["refusal"]["code"]) == ("body", "model_not_allowed")


def test_the_readable_form(asking: Asking) -> None:
    code, out, _ = asking.run("POST", "/lanonasis/api/both", JSON, data=CHAT)
    assert code == 0
    assert out.splitlines()[1] == "FORWARDED to origin"
    assert "aaaa@aaaaaaa.aaa  ->  <EMAIL_ADDRESS_1>, restored in the answer" in out
    code, out, _ = asking.run("POST", "/lanonasis/api/blocking", JSON, data=CHAT)
    assert code == 1
    assert out.splitlines()[1] == "REFUSED at privacy: 422 pii_blocked"


def test_nothing_moves_the_cursor(asking: Asking) -> None:
    text = "Content-Type: text/plain"
    data = f"\x1b[2J \x9b {MAIL}"
    for service in ("private", "observed"):
        out = asking.run("POST", f"/lanonasis/api/{service}", text, data=data)[1]
        assert "\x1b" not in out
        assert "\x9b" not in out


def test_the_document_has_always_the_same_members(asking: Asking) -> None:
    documents: list[dict[str, Any]] = [
        asking.told("GET", "/nowhere"),
        asking.told("POST", "/lanonasis/api/both", JSON, data=CHAT),
    ]
    members = [
        "request", "outcome", "answered_by", "refusal", "page", "route", "limits", "auth",
        "access", "plugins", "privacy", "upstream", "answer",
    ]  # fmt: skip
    assert [list(one) for one in documents] == [members, members]


def test_the_analyzer_is_loaded_only_for_a_service_that_inspects(asking: Asking) -> None:
    program = (
        "import sys; from pathlib import Path; from router.cli.explain import explain; "
        "explain(Path(sys.argv[1]), 'POST', '/lanonasis/api/open', data='x'); "
        "assert not any(name.startswith('presidio') for name in sys.modules)"
    )
    command = [sys.executable, "-c", program, str(asking.file)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "FORWARDED" in done.stdout
