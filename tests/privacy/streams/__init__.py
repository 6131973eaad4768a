"""Streams of every kind in which placeholders come back, and what a caller should hear of them."""
