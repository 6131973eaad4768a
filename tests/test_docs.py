"""The documents are true: every key, hook, metric and verb stands in them."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
import typer.main

from router.__main__ import app
from router.config.reference import reference
from router.plugin import Plugin
from router.telemetry.metrics import Counter, Gauge, Histogram, Metrics
from tests.conftest import REPOSITORY

DOCS = REPOSITORY / "docs"


def test_the_configuration_reference_is_what_the_models_say() -> None:
    """Mend with ``python -m tests.test_docs``."""
    assert (DOCS / "configuration.md").read_text() == reference()


@pytest.mark.parametrize(
    "family",
    [one for one in vars(Metrics()).values() if isinstance(one, Counter | Gauge | Histogram)],
)
def test_every_metric_is_explained(family: Counter | Gauge | Histogram) -> None:
    assert f"`{family.name}{{" in (DOCS / "operations.md").read_text()


@pytest.mark.parametrize(
    "hook", [name for name, _ in inspect.getmembers(Plugin, inspect.isfunction) if name[0] != "_"]
)
def test_every_hook_is_explained(hook: str) -> None:
    assert f"`{hook}(" in (DOCS / "plugins.md").read_text()


def test_every_verb_is_explained() -> None:
    text = (DOCS / "operations.md").read_text()
    verbs = typer.main.get_group(app).commands
    assert [verb for verb in verbs if f"`router {verb}" not in text] == []


@pytest.mark.parametrize(
    "page", [*DOCS.glob("*.md"), *REPOSITORY.glob("*.md")], ids=lambda p: p.name
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


if __name__ == "__main__":
    (DOCS / "configuration.md").write_text(reference())
