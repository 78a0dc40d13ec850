"""The conformance kit as the client: what is asked of a server under test, how it is tried, and what came of it.

A server that is told which scenario to play is held to its words; one that finds its own, such as the live service,
to the shape and the order of the conversation.
"""
