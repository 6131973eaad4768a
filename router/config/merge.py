"""Defaults under services, ``on`` over them: maps are merged, lists and values replaced."""

from __future__ import annotations

from router.config.tree import MapNode, Mark, Node, ScalarNode, child, entries, maps, texts

_NOWHERE = Mark(1, 1)


def merge(base: Node | None, over: Node) -> Node:
    """``over`` laid on ``base``; each value keeps the place that said it."""
    if not isinstance(base, MapNode) or not isinstance(over, MapNode):
        return over
    result = dict(base.entries)
    for key, node in over.entries.items():
        result[key] = merge(base.entries.get(key), node)
    return MapNode(result, {**base.keys, **over.keys}, over.mark)


def resolve(root: MapNode) -> MapNode:
    """The file's tree with short forms written out and every service on top of the defaults."""
    shared = MapNode({}, {}, _NOWHERE)
    for key in ("privacy", "masking"):
        if isinstance(node := root.entries.get(key), MapNode):
            shared = shared.with_entry(key, _for_services(node))
    defaults = _write_out(root.entries["defaults"]) if "defaults" in root.entries else shared
    base = merge(shared, defaults)
    services = root.entries.get("services")
    result = root
    if "defaults" in root.entries:
        result = result.with_entry("defaults", merge(shared, defaults))
    if isinstance(services, MapNode):
        for name, service in maps(services):
            services = services.with_entry(name, _service(base, service))
        result = result.with_entry("services", services)
    return result


def _service(base: Node, service: MapNode) -> Node:
    written = _write_out(service)
    platforms = child(written, "on")
    if isinstance(written, MapNode) and isinstance(platforms, MapNode):
        for name, node in maps(platforms):
            platforms = platforms.with_entry(name, _write_out(node))
        written = written.with_entry("on", platforms)
    return merge(base, written)


def _write_out(node: Node) -> Node:
    """``privacy: off`` is ``{mode: off}``; ``masking: true`` is ``{enabled: true}``."""
    if not isinstance(node, MapNode):
        return node
    privacy, masking = node.entries.get("privacy"), node.entries.get("masking")
    if isinstance(privacy, ScalarNode):
        node = node.with_entry("privacy", MapNode({}, {}, privacy.mark).with_entry("mode", privacy))
    if isinstance(masking, ScalarNode):
        said = MapNode({}, {}, masking.mark).with_entry("enabled", masking)
        node = node.with_entry("masking", said)
    elif isinstance(masking, MapNode) and "enabled" not in masking.entries:
        said = masking.with_entry("enabled", ScalarNode(value=True, mark=masking.mark))
        node = node.with_entry("masking", said)
    return node


def on_platform(service: MapNode, platform: str) -> MapNode:
    """A resolved service as it is on one platform."""
    settings = service
    for key in ("on", "platforms", "aliases", "well_known"):
        settings = settings.without(key)
    difference = child(service, "on", platform)
    if not isinstance(difference, MapNode):
        return settings
    merged = merge(settings, difference)
    assert isinstance(merged, MapNode)
    return merged


def stands_on(root: MapNode, service: MapNode) -> list[str]:
    """The platforms of the file on which a service stands."""
    known = list(entries(root.entries.get("platforms")))
    if "platforms" not in service.entries:
        return known
    said = {name for name, _ in texts(service.entries["platforms"])}
    return [name for name in known if name in said]


_GLOBAL = ("compat", "languages", "names", "recognisers")
"""Of ``privacy``: what there is once for all services."""


def _for_services(node: MapNode) -> MapNode:
    for key in _GLOBAL:
        node = node.without(key)
    return node
