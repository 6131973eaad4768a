"""Privacy from the configuration: one detector for the process, one policy a service."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from router.config.problems import ConfigProblems, Problem
from router.privacy.detector import Detector
from router.privacy.engine.models import missing
from router.privacy.find.custom import Listed, Recogniser
from router.privacy.kinds import Scope
from router.privacy.lists import Listing
from router.privacy.redact import Redactor
from router.provision.derived import derived

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from router.config.models import Config
    from router.config.services import ServiceSettings
    from router.operate.ready import Readiness
    from router.privacy.redact import Finder

_STARTING = "privacy"


class Privacy:
    """Makes redactors; the detector is there only if a service needs one."""

    def __init__(self, config: Config) -> None:
        inspected = [said for said in config.table.values() if said.privacy.mode != "off"]
        self._recognisers = tuple(
            Recogniser(one.entity, one.pattern, one.score, tuple(map(str.lower, one.context)))
            for one in config.privacy.recognisers
        )
        self._own = frozenset(one.entity for one in self._recognisers)
        names = config.privacy.names
        self._scope = Scope(frozenset(config.privacy.languages), names, config.privacy.compat)
        if inspected and (lacking := missing(names)):
            raise ConfigProblems([config.problem(lacking, "privacy", "names")])
        self._secret = derived(config, b"placeholders of stateful services")
        self._detector: Detector | None = None
        self._check(config)
        if inspected:
            try:
                self._detector = Detector(
                    {one for said in inspected for one in self._entities(said)}
                    - (self._own - self._scope.known),
                    threshold=min(said.privacy.threshold for said in inspected),
                    scope=self._scope,
                )
            except ValueError as error:
                problem = config.problem(str(error), "privacy", "entities")
                raise ConfigProblems([problem]) from error

    def _check(self, config: Config) -> None:
        """A mode or an allowance of an entity that nothing finds is a slip of the pen.

        So is one of an entity that the service does not look for; but allowances at the top are
        for those that do.
        """
        problems: dict[Problem, None] = {}
        for (_, name), said in config.table.items():
            privacy = said.privacy
            denied = {one.entity for one in privacy.deny}
            known = self._scope.known | self._own | denied
            looked_for = self._entities(said) | denied if privacy.mode != "off" else known
            allowed = {one.entity for one in privacy.allow} - {""}
            own = {one.entity for one in privacy.allow if one not in config.privacy.allow} - {""}
            acting = {one for one, mode in privacy.modes.items() if mode != "off"}
            for key, named, meant in (("modes", privacy.modes, acting), ("allow", allowed, own)):
                for message, hint in _idle(named, meant, known, looked_for):
                    at = ("services", name, "privacy", key)
                    problems[config.problem(message, *at, hint=hint)] = None
        if problems:
            raise ConfigProblems(list(problems))

    def redactor(self, said: ServiceSettings) -> Redactor | None:
        """The policy of one service; None where privacy is off."""
        privacy = said.privacy
        if privacy.mode == "off" or self._detector is None:
            return None
        return Redactor(
            self._finder(said, self._detector),
            mode=privacy.mode,
            modes=privacy.modes,
            answers=privacy.answers,
            entities=self._entities(said) | {one.entity for one in privacy.deny},
            threshold=privacy.threshold,
            uninspectable=privacy.uninspectable.other,
            media=privacy.uninspectable.media,
            keys=privacy.keys,
            numbers=privacy.numbers,
            only=privacy.only,
            skip=privacy.skip,
            secret=self._secret if said.stateful else b"",
            max_text=privacy.max_text,
        )

    def _finder(self, said: ServiceSettings, detector: Detector) -> Finder:
        """The detector, with the service's lists and the file's recognisers round it."""
        own = [one for one in self._recognisers if one.entity in self._entities(said)]
        if not own and not said.privacy.allow and not said.privacy.deny:
            return detector
        return Listing(
            detector,
            recognisers=own,
            allow=[Listed(one.word, one.pattern, one.entity) for one in said.privacy.allow],
            deny=[Listed(one.word, one.pattern, one.entity) for one in said.privacy.deny],
            only_denied=frozenset(one.entity for one in said.privacy.deny) - self._entities(said),
        )

    def _entities(self, said: ServiceSettings) -> frozenset[str]:
        """What a service asks for; ``default`` stands for the usual ones and the file's own."""
        named = frozenset(said.privacy.entities)
        if "default" in named:
            named = (named - {"default"}) | self._scope.usual | self._own
        return named

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


def _idle(
    named: Iterable[str],
    meant: AbstractSet[str],
    known: AbstractSet[str],
    looked_for: AbstractSet[str],
) -> list[tuple[str, str]]:
    """What is to be said of entities that nothing finds, or that are ``meant`` in vain."""
    told: list[tuple[str, str]] = []
    for entity in sorted(named):
        if entity not in known:
            told.append((f"nothing finds {entity}", _hint(entity, known)))
        elif entity in meant and entity not in looked_for:
            told.append((f"{entity} is not looked for here", "add it to 'entities'"))
    return told


def _hint(entity: str, known: Iterable[str]) -> str:
    near = get_close_matches(entity, sorted(known), n=1)
    return f"did you mean '{near[0]}'?" if near else ""
