"""The client's part of a scenario over a real socket, as the protocol asks of it.

The reference client plays it against this project's server, and the conformance kit against a server under test.
"""
