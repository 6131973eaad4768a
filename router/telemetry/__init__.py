"""What the router tells operators about itself: numbers and lines."""
