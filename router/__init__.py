"""The unified router: one URL in front of five platforms."""

__version__ = "0.1.0"
