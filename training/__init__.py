"""Trains the model that tells names of people; see README.md."""
