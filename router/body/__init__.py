"""Readers and editors of message bodies: pure, synchronous, incremental."""
