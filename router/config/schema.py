"""A JSON Schema of config files, for editors."""

from __future__ import annotations

from typing import Any, Final

from router.config.models import Config

_VARIABLE: Final = {"type": "string", "pattern": r"\$\{[A-Za-z_]"}
"""Wherever a value may stand, a variable may."""

_TYPED: Final = ("integer", "number", "boolean")


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12; looser than ``load``, which also checks what things mean."""
    made = Config.model_json_schema(mode="validation")
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    definitions: dict[str, Any] = made["$defs"]
    for definition in definitions.values():
        properties = definition.get("properties", {})
        _short(properties, "ServicePrivacy", definitions["ServicePrivacy"]["properties"]["mode"])
        _short(properties, "ServiceMasking", {"type": "boolean"})
    loosened: dict[str, Any] = _with_variables(made)
    return loosened


def _short(properties: dict[str, Any], name: str, short: dict[str, Any]) -> None:
    """Lets the short form of a service's privacy or masking stand beside its map."""
    reference = f"#/$defs/{name}"
    for key, said in properties.items():
        if said.get("$ref") == reference:
            choice = {"anyOf": [{"$ref": reference}, _bare(short)]}
            properties[key] = {**choice, **{k: v for k, v in said.items() if k != "$ref"}}


def _bare(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key in {"type", "enum"}}


def _with_variables(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_variables(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") in _TYPED or ("enum" in node and node.get("type") == "string"):
        told = {key: node[key] for key in ("default", "description", "title") if key in node}
        value = {key: item for key, item in node.items() if key not in told}
        return {**told, "anyOf": [value, _VARIABLE]}
    return {
        key: item if key in {"default", "examples", "enum"} else _with_variables(item)
        for key, item in node.items()
    }
