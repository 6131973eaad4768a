"""The operators' page: one HTML file, one JSON answer, nothing from elsewhere."""
