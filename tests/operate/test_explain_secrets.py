"""What is hidden of a request's head and of a query, whatever stands in them."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from router.operate.explain_secrets import identity, shown_lines, without_values
from router.operate.explain_text import text

SECRET = st.text(string.ascii_letters + string.digits, min_size=8, max_size=20)


@given(st.sampled_from(["", "Bearer ", "Basic ", "a=b; session=", " "]), SECRET)
def test_a_credential_never_stands_in_a_line(before: str, secret: str) -> None:
    value = f"{before}{secret}".encode()
    names = (b"authorization", b"cookie", b"x-api-key", b"x-auth-token", b"x-own")
    fields = [(name, value) for name in names]
    for _, shown in shown_lines(fields, {b"x-own"}, show_values=True):
        assert secret not in shown
        assert shown in ("***", "Bearer ***", "Basic ***")


@given(st.lists(SECRET, min_size=1, max_size=4))
def test_of_a_query_only_the_names_are_left(values: list[str]) -> None:
    query = "&".join(f"n{at}={value}" for at, value in enumerate(values))
    assert (
        without_values(query.encode())
        == "&".join(f"n{at}=***" for at in range(len(values))).encode()
    )


@given(SECRET)
def test_an_address_as_an_identity_is_a_shape(name: str) -> None:
    shown = identity(f"user:{name}@example.com", show_values=False)
    assert shown.startswith("user:")
    assert shown.endswith("@aaaaaaa.aaa")
    assert len(shown) == len(f"user:{name}@example.com")
    assert not any(one.isdigit() and one != "0" for one in shown)
    assert identity(f"key:{name}", show_values=False) == f"key:{name}"


@given(st.text())
def test_the_readable_form_prints_in_any_terminal(told: str) -> None:
    document = dict.fromkeys(
        ("request", "page", "limits", "auth", "access", "plugins", "privacy", "upstream", "answer")
    )
    refusal = {"step": told, "status": 400, "code": told, "detail": told, "fields": [[told, told]]}
    out = text(document | {"outcome": "refused", "refusal": refusal, "route": {"why": told}})
    assert all(one.isprintable() or one in "\n\t" for one in out)
