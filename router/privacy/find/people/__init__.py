"""Names of people, by a small model that comes along."""
