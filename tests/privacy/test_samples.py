from __future__ import annotations

from router.privacy.samples import Samples

HERE = ("lanonasis", "ai-chat")


def test_each_shape_of_a_service_is_told_once() -> None:
    samples = Samples()
    shapes = {"IP_ADDRESS": ("00.0.0.0", "0.0.0.0"), "US_SSN": ("000-00-0000",)}
    assert len(list(samples.new(HERE, shapes))) == 3
    assert list(samples.new(HERE, shapes)) == []
    assert len(list(samples.new(("vortexcore", "ai-chat"), shapes))) == 3


def test_no_caller_fills_the_log() -> None:
    samples = Samples()
    told = [one for size in range(100) for one in samples.new(HERE, {"URL": ("a" * size,)})]
    assert len(told) == 20
