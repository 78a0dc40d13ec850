"""Faults that a server inflicts on its client on purpose: one table, and what each row does to a session. Pure."""
