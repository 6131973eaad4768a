"""Presidio's language models, for those who install one: in processes that can be killed."""
