"""Services from the configuration, compiled: one object a platform and service."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase as fnmatch
from typing import TYPE_CHECKING

from router.downstream.cors import CorsPolicy
from router.exchange import ServiceInfo
from router.fields import CREDENTIAL_FIELDS, REQUEST_FIELDS, allow_list
from router.limits.policy import Rule
from router.masking.editor import Masking
from router.masking.fields import FieldPolicy
from router.masking.location import Mapping as UrlMapping
from router.masking.location import Site
from router.origins import OriginPolicy
from router.phases.service import Destination, Service
from router.provision.privacy import Privacy
from router.provision.upstreams import credentials, upstream
from router.routes import RouteEntry, Routes
from router.upstream.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from router.config.models import Config
    from router.config.services import ServiceSettings
    from router.config.values import Rate
    from router.plugin import Hooks
    from router.provision.chains import Chains
    from router.upstream.upstream import Upstream

_METADATA = "oauth-protected-resource"
_UNEDITED = frozenset({b"accept-encoding", b"range", b"if-range"})
"""What passes only where answers are not edited."""


class Compiler:
    """Compiles the table; what services share (chains, upstreams, vocabularies) is made once."""

    def __init__(
        self,
        config: Config,
        chains: Chains,
        privacy: Privacy,
        hooks: Callable[[str, str], Hooks],
        on_upstream_error: Callable[[str, str], None],
    ) -> None:
        self._config = config
        self._chains = chains
        self._privacy = privacy
        self._hooks = hooks
        self.upstreams: dict[str, Upstream] = {
            name: upstream(name, said, on_upstream_error) for name, said in config.upstreams.items()
        }
        self._credentials = {
            name: credentials(said.credentials) for name, said in config.upstreams.items()
        }
        self._authorities = {
            name: frozenset(Target.parse(url).authority for url in said.targets)
            for name, said in config.upstreams.items()
        }
        self._bases = {
            name: Target.parse(said.targets[0]).base for name, said in config.upstreams.items()
        }
        self._maskings: dict[str, Masking] = {}
        self.origins = {
            name: OriginPolicy.of(said.hosts, said.origins)
            for name, said in config.platforms.items()
        }
        self.cors = {name: self._cors(name) for name in config.platforms}
        self.services = {
            (platform, name): self._service(platform, name, said)
            for (platform, name), said in config.table.items()
        }

    def routes(self) -> Routes[Service]:
        """The table that requests are matched against."""
        entries = []
        for (platform, name), service in self.services.items():
            said, settings = self._config.services[name], self._config.table[platform, name]
            there = service.destination
            at_root = replace(service, destination=there and replace(there, path=b""))
            entries.append(
                RouteEntry(
                    platform,
                    name,
                    service,
                    settings.methods,
                    settings.paths,
                    said.aliases,
                    said.well_known,
                    at_root,
                )
            )
        hosts = {name: said.hosts for name, said in self._config.platforms.items()}
        return Routes(entries, hosts)

    def _cors(self, platform: str) -> CorsPolicy:
        own = [said for (where, _), said in self._config.table.items() if where == platform]
        return CorsPolicy(
            self.origins[platform],
            request_fields={name for said in own for name in said.request_fields},
            exposed=sorted({name for said in own for name in said.response_fields}),
        )

    def _service(self, platform: str, name: str, said: ServiceSettings) -> Service:
        labels = (platform, name)
        masking = self._masking(said)
        hooks = self._hooks(name, said.plugin)
        info = ServiceInfo(
            platform, name, said.title, said.summary, _all_methods(said), bool(said.streaming)
        )
        return Service(
            info=info,
            labels=labels,
            cors=self.cors[platform],
            origins=self.origins[platform],
            max_body=said.max_body,
            auth_names=said.auth,
            auth=self._chains.chain(said.auth),
            metadata=self._metadata(platform) if "bearer" in said.auth else b"",
            guarded_reads=said.writes,
            checks_origin=said.check_origin,
            scopes=frozenset(said.scopes),
            subjects=None if said.subjects is None else frozenset(said.subjects),
            limits=tuple(
                _rule(f"{platform}/{name}/{number}", rate)
                for number, rate in enumerate(said.rate_limits)
            ),
            limits_by_address=said.counts_addresses,
            hooks=hooks,
            redactor=self._privacy.redactor(said),
            privacy_mode=said.privacy.mode,
            masking=masking,
            answers=FieldPolicy(
                site=self._site(platform, name),
                masking=masking,
                added=frozenset(field.encode() for field in said.response_fields),
                cookies=frozenset(cookie.encode() for cookie in said.cookies),
            ),
            destination=self._destination(
                info, said, edited=masking is not None or bool(hooks.response_filter)
            ),
        )

    def _metadata(self, platform: str) -> bytes:
        """The ``resource_metadata`` of a 401, on the platform's first host; b"": none is there."""
        hosts = [host for host in self._config.platforms[platform].hosts if "*" not in host]
        answered = any(
            fnmatch(_METADATA, pattern)
            for (where, name) in self._config.table
            if where == platform
            for pattern in self._config.services[name].well_known
        )
        return f"https://{hosts[0]}/.well-known/{_METADATA}".encode() if hosts and answered else b""

    def _destination(
        self, info: ServiceInfo, said: ServiceSettings, *, edited: bool
    ) -> Destination | None:
        if not said.upstream:
            return None
        edited = edited or said.privacy.edits_answers
        own = [
            (b"via", b"1.1 router"),
            (b"x-platform", info.platform.encode()),
            (b"x-service", info.service.encode()),
        ]
        if edited:
            own.append((b"accept-encoding", b"identity"))
        allowed = REQUEST_FIELDS | {name.encode() for name in said.request_fields}
        if said.forward_credentials:
            allowed |= CREDENTIAL_FIELDS | {self._config.auth.api_key.header.lower().encode()}
        if not edited:
            allowed |= _UNEDITED
        return Destination(
            upstream=self.upstreams[said.upstream],
            path=b"" if said.path == "/" else said.path.encode(),
            credentials=self._credentials[said.upstream],
            identity=self._config.upstreams[said.upstream].identity,
            own_fields=tuple(own),
            request_fields=allow_list(allowed),
            idempotent=said.idempotent,
        )

    def _site(self, platform: str, name: str) -> Site:
        """Where the upstreams of a platform's services stand, for URLs in answers."""
        mappings = {
            other: UrlMapping(
                self._authorities[said.upstream],
                self._bases[said.upstream] + (b"" if said.path == "/" else said.path.encode()),
                other.encode(),
            )
            for (where, other), said in self._config.table.items()
            if where == platform and said.upstream
        }
        own = mappings.pop(name, UrlMapping(frozenset(), b"", name.encode()))
        return Site(own, tuple(mappings.values()))

    def _masking(self, said: ServiceSettings) -> Masking | None:
        if not said.masking.enabled:
            return None
        key = said.masking.model_dump_json()
        if key not in self._maskings:
            hosts = {
                Target.parse(url).host
                for one in self._config.upstreams.values()
                for url in one.targets
            }
            self._maskings[key] = Masking(
                self._config.brand,
                vendors=said.masking.vendors,
                models=said.masking.models,
                models_policy=said.masking.models_policy,
                hosts=sorted(host for host in hosts if not host.replace(".", "").isdigit()),
            )
        return self._maskings[key]


def _rule(place: str, rate: Rate) -> Rule:
    return Rule(place, rate.count, rate.period, name=str(rate).replace("/", "-per-"))


def _all_methods(said: ServiceSettings) -> tuple[str, ...]:
    """What may be called anywhere below the service."""
    if said.paths is None:
        return said.methods
    return tuple(sorted({method for methods in said.paths.values() for method in methods}))
