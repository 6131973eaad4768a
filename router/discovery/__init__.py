"""What callers can find out: which services there are, and who the router thinks they are."""
