"""``masking``: vendor names that callers do not see."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from router.config.values import Brand, Strict

Vendor = Annotated[str, Field(pattern=r"^\S.*\S$", max_length=64)]
Model = Annotated[str, Field(min_length=1, max_length=128)]


class Masking(Strict):
    """What is replaced in answers, and which model names are translated."""

    vendors: dict[Vendor, Brand] = Field(default_factory=dict)
    """A vendor's name, any letter case, and what stands in its place."""

    models: dict[Model, Model] = Field(default_factory=dict)
    """The caller's name of a model, and the vendor's; translated both ways."""

    models_policy: Literal["reject", "pass", "hide"] = "pass"
    """A model that is not in ``models``: refused, passed as it is, or passed and hidden."""


class ServiceMasking(Masking):
    """Masking as one service has it; ``true`` and ``false`` are short for ``enabled``."""

    enabled: bool = True
    """Whether answers are masked at all."""
