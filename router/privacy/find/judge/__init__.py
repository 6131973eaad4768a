"""Findings judged by what stands around them."""
