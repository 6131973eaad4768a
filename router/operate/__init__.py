"""What operators see and ask: readiness, numbers, the dashboard, and who may see them."""
