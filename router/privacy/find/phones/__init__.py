"""Telephone numbers, as libphonenumber finds them."""
