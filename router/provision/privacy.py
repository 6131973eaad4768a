"""Privacy from the configuration: one detector for the process, one policy a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.config.problems import ConfigProblems
from router.privacy.anchors import DEFAULT_ENTITIES
from router.privacy.detector import Detector
from router.privacy.redact import Redactor
from router.provision.derived import derived

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.config.models import Config
    from router.config.services import ServiceSettings
    from router.operate.ready import Readiness

_STARTING = "privacy"


class Privacy:
    """Makes redactors; the detector is there only if a service needs one."""

    def __init__(self, config: Config) -> None:
        inspected = [said for said in config.table.values() if said.privacy.mode != "off"]
        self._secret = derived(config, b"placeholders of stateful services")
        self._detector: Detector | None = None
        if inspected:
            try:
                self._detector = Detector(
                    {entity for said in inspected for entity in _entities(said.privacy.entities)},
                    threshold=min(said.privacy.threshold for said in inspected),
                )
            except ValueError as error:
                problem = config.problem(str(error), "privacy", "entities")
                raise ConfigProblems([problem]) from error

    def redactor(self, said: ServiceSettings) -> Redactor | None:
        """The policy of one service; None where privacy is off."""
        mode = said.privacy.mode
        if mode == "off" or self._detector is None:
            return None
        return Redactor(
            self._detector,
            mode=mode,
            entities=_entities(said.privacy.entities),
            threshold=said.privacy.threshold,
            uninspectable=said.privacy.uninspectable,
            secret=self._secret if said.stateful else b"",
            max_text=said.privacy.max_text,
        )

    async def startup(self, readiness: Readiness) -> None:
        """Begins to load the analyzer; ``readiness`` says so until it is there."""
        detector = self._detector
        if detector is not None:
            readiness.loading[_STARTING] = lambda: not detector.ready
            await detector.startup()

    async def until_ready(self, seconds: float) -> None:
        """Returns when the analyzer is loaded; TimeoutError after ``seconds``."""
        if self._detector is not None:
            await self._detector.until_ready(seconds)

    async def shutdown(self) -> None:
        """Ends the analyzer's processes."""
        if self._detector is not None:
            await self._detector.shutdown()


def _entities(said: Sequence[str]) -> frozenset[str]:
    """What the configuration asks for; ``default`` stands for the usual ones."""
    named = frozenset(said)
    return (named - {"default"}) | DEFAULT_ENTITIES if "default" in named else named
