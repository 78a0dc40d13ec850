"""The harness: a command run beside a server that it takes for the live service, and what came of the two."""
