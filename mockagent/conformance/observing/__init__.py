"""Level 2: what the application behind a client says that it saw, held against what came over the wire.

The wire decides what happened; what the application saw can show that something was lost on the way, and nothing else.
"""
