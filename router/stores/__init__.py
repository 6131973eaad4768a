"""What outlives a process: rows in a database, behind small async classes."""
