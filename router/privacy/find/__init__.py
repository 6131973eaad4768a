"""Finds personal data in one text."""
