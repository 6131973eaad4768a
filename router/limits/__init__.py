"""How often a caller may call: arithmetic, and where the counts are kept."""
