"""Personal data stays inside: found and replaced on the way in, put back on the way out."""
