"""Example upstreams: honest stand-ins for every service of the table, and what shows them off."""
