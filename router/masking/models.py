"""Model names: the caller's own inwards to the vendor's, and back. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from router.errors import DownstreamError

if TYPE_CHECKING:
    from collections.abc import Mapping

ModelsPolicy = Literal["pass", "hide", "reject"]

MODEL_KEYS = frozenset(
    {
        "model", "model_id", "model_name", "model_version", "modelId", "modelName",
        "modelVersion", "models", "engine", "deployment", "deployment_id",
    }
)  # fmt: skip
"""Members of an answer that hold a model's name, or a list of such."""

_DATED = re.compile(r"[-@:](?:\d{3,}[\d-]*|latest)\Z")
"""How a vendor tells versions of one model apart: ``-2024-07-18``, ``-0613``, ``@20240229``."""


@dataclass(frozen=True, slots=True)
class Models:
    """The configured names: ``to_vendor`` by the caller's alias, ``to_alias`` by the vendor's."""

    to_vendor: Mapping[str, str]
    to_alias: Mapping[str, tuple[str, ...]]
    policy: ModelsPolicy
    brand: str
    translates: bool = field(init=False)
    """Whether requests must be read: names are translated, or unlisted ones refused."""

    def __post_init__(self) -> None:
        translates = bool(self.to_vendor) or self.policy == "reject"
        object.__setattr__(self, "translates", translates)

    def inward(self, name: str) -> str:
        """The vendor's name for what a caller asks for.

        Raises DownstreamError 400 ``model_not_allowed`` for a name the table does not list,
        where the policy is ``reject``.
        """
        model = self.to_vendor.get(name)
        if model is not None:
            return model
        if self.policy == "reject":
            raise DownstreamError(400, "this model is not offered here", code="model_not_allowed")
        return name

    def outward(self, model: str, asked: str = "") -> str | None:
        """What a caller sees for the vendor's ``model``; None: only its words are masked.

        ``asked`` is the alias this caller used, which decides where several mean one model.
        """
        if model in self.to_vendor:
            return model
        name = model.rpartition("/")[2]
        aliases = self.to_alias.get(name) or self.to_alias.get(_DATED.sub("", name))
        if aliases is None:
            return self.brand if self.policy != "pass" else None
        return asked if asked in aliases else aliases[0]


def compile_models(
    brand: str, models: Mapping[str, str] | None = None, policy: ModelsPolicy = "pass"
) -> Models:
    """The table of the configuration's ``masking.models`` (alias -> the vendor's name)."""
    to_alias: dict[str, tuple[str, ...]] = {}
    for alias, model in (models or {}).items():
        for name in {model, model.rpartition("/")[2]}:
            to_alias[name] = (*to_alias.get(name, ()), alias)
    return Models(dict(models or {}), to_alias, policy, brand)
