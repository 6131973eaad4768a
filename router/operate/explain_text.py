"""An explanation for people: the verdict first, then a line a decision. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_WIDTH: Final = 11
_LONGEST_BODY: Final = 4000
"""Characters of a body; the JSON form has all."""

_COUNTS: Final = "(counts are the serving process's: what is left of them is not known here)"


def text(document: Mapping[str, Any]) -> str:
    """The whole explanation; what could move a terminal's cursor is escaped."""
    lines = [*_verdict(document), ""]
    for name, tell in _PARTS.items():
        part = document[name]
        if part is not None:
            title = name
            for line in tell(part):
                lines.append(f"{title:<{_WIDTH}}{line}".rstrip())
                title = ""
    return "\n".join(map(_printable, lines))


def _verdict(document: Mapping[str, Any]) -> Iterator[str]:
    request = document["request"]
    if request is not None:
        where = f"host {request['host']}, from {request['client']}"
        yield f"{request['method']} {request['path']}  ({where})"
    if document["outcome"] == "forwarded":
        yield f"FORWARDED to {document['upstream']['name']}"
    elif document["outcome"] == "answered":
        yield f"ANSWERED by {document['answered_by']}"
    else:
        yield from _refusal(document["refusal"], document)


def _refusal(refusal: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[str]:
    yield f"REFUSED at {refusal['step']}: {refusal['status']} {refusal['code']}"
    yield f"  {refusal['detail']}"
    for name, value in refusal["fields"]:
        yield f"  {name}: {value}"
    tried = (document["auth"] or {}).get("tried", ())
    if refusal["status"] == 401 and any(one["outcome"] == "rejected" for one in tried):
        yield "  it would count as a refused credential of this address"


def _page(page: Mapping[str, Any]) -> Iterator[str]:
    yield f"{page['path']}, for {'operators' if page['operators'] else 'anybody'}"


def _route(route: Mapping[str, Any]) -> Iterator[str]:
    if "why" in route:
        yield route["why"] or "none"
    else:
        yield f"{route['platform']} / {route['service']}, by {route['matched']}"


def _limits(limits: list[Mapping[str, Any]]) -> Iterator[str]:
    for one in limits:
        passes = "" if one["passes"] else "  USED UP"
        rate = f"{one['limit']} in {one['period']:g} s"
        yield f"{one['name']:<14} {rate:<15} {one['of']} of {one['counts']}{passes}"
    yield _COUNTS if limits else "none"


def _auth(auth: Mapping[str, Any]) -> Iterator[str]:
    if auth["open"]:
        yield "open: nobody is asked who they are"
    for one in auth["tried"]:
        why = ": ".join(word for word in (one["reason"], one["detail"]) if word)
        yield f"{one['method']:<10} {one['outcome']}{f'  ({why})' if why else ''}"
    caller = auth["caller"]
    if caller is not None:
        said = [caller["id"], f"scopes {' '.join(caller['scopes']) or '-'}"]
        said += [f"{name} {caller[name]}" for name in ("email", "key") if caller[name]]
        said.append(f"until {caller['expires_at'] or 'revoked'}")
        yield "caller     " + ", ".join(said)


def _access(access: Mapping[str, Any]) -> Iterator[str]:
    platform, subjects, scopes = access["platform"], access["subjects"], access["scopes"]
    if platform["allowed"] != "all":
        yield f"platforms  {' '.join(platform['allowed'])}: {_passes(platform['passes'])}"
    if subjects is not None:
        allowed = " ".join(subjects["allowed"]) or "nobody"
        yield f"subjects   {allowed}: {_passes(subjects['passes'])}"
    missing = scopes["missing"]
    lacks = f"LACKS {' '.join(missing)}" if missing else "granted"
    yield (
        f"scopes     {' '.join(scopes['needed'])}: {lacks}" if scopes["needed"] else "scopes     -"
    )


def _passes(passes: bool) -> str:  # noqa: FBT001
    return "yes" if passes else "NO"


def _plugins(plugins: list[Mapping[str, Any]]) -> Iterator[str]:
    for one in plugins:
        yield f"{one['plugin']}.{one['hook']} (not run here)"
    if not plugins:
        yield "none"


def _privacy(privacy: Mapping[str, Any]) -> Iterator[str]:
    counts = ", ".join(f"{name} {count}" for name, count in sorted(privacy["counts"].items()))
    if privacy["looked"]:
        yield f"{privacy['mode']}: {counts or 'nothing found'}"
    else:
        yield f"{privacy['mode']}: could not look: {privacy['why_not']}"
    for one in privacy["findings"]:
        name = " (the name itself)" if one["name"] else ""
        yield f"{one['path']}{name}"
        yield f"  {one['entity']} {one['score']:.2f}  by {one['recogniser'] or 'an engine'}"
        value = one.get("value", one["shape"])
        placeholder = one["placeholder"] or ""
        back = ", restored in the answer" if one["mode"] == "restore" and placeholder else ""
        yield f"  {value}  ->  {_BECOMES[one['becomes']]}{placeholder}{back}"


_BECOMES: Final = {
    "placeholder": "",
    "left out": "the field is left out",
    "counted": "as it is, counted",
    "refused": "422 for the request",
    "unsent": "not sent, as the request is refused",
}


def _upstream(upstream: Mapping[str, Any]) -> Iterator[str]:
    yield f"{upstream['name']}  {'  '.join(upstream['targets'])}"
    yield ""
    yield upstream["start"]
    for name, value in upstream["fields"]:
        yield f"{name}: {value}"
    yield ""
    body = upstream["body"]
    if body["text"]:
        yield from body["text"][:_LONGEST_BODY].split("\n")
    if body["text"] is None or len(body["text"]) > _LONGEST_BODY:
        size = "?" if body["bytes"] is None else body["bytes"]
        yield f"[{size} bytes: {body['why_not'] or 'the rest is in --json'}]"


def _answer(answer: Mapping[str, Any]) -> Iterator[str]:
    masking = answer["masking"]
    if masking is None:
        yield "not masked"
    else:
        own = ", ".join(f"{word} -> {brand}" for word, brand in masking["vendors"].items())
        brand = f"{masking['shipped_vendors']} known vendors -> {masking['brand']}"
        yield f"masked: {own + '; ' if own else ''}{brand}"
        models = ", ".join(f"{model} -> {name}" for name, model in masking["models"].items())
        yield f"models: {models or '-'}; others {masking['models_policy']}"
    if answer["model"] is not None:
        yield f"model asked for: {answer['model']['asked']}, sent as {answer['model']['sent']}"
    yield f"{answer['restored']} placeholders get their values back"
    if answer["personal_data"] != "off":
        yield f"personal data that the upstream writes itself: {answer['personal_data']}"


_PARTS: Final[Mapping[str, Callable[[Any], Iterator[str]]]] = {
    "page": _page,
    "route": _route,
    "auth": _auth,
    "access": _access,
    "limits": _limits,
    "plugins": _plugins,
    "privacy": _privacy,
    "upstream": _upstream,
    "answer": _answer,
}


def _printable(line: str) -> str:
    return "".join(one if one.isprintable() or one == "\t" else ascii(one)[1:-1] for one in line)
