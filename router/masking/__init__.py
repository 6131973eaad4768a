"""Vendor neutrality: words, ids, hosts and model names of vendors become the house brand's."""
