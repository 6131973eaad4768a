"""What is found beyond Presidio's English defaults."""
