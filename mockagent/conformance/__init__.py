"""The conformance kit: what is asked of a client under test, how it is tried, and what came of it.

What a client does on the wire is judged by the same requirements and the same player as everywhere; this package
only plans the cases, runs them, and puts what was seen into rows.
"""
