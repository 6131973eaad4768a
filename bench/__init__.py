"""What a request costs here, against what it costs elsewhere."""
