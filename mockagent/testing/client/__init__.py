"""The reference client: plays the client's part of a scenario over a real socket, as the protocol asks of it."""

from mockagent.scenario.lines import lines_to_play
from mockagent.testing.client.account import Account
from mockagent.testing.client.shell import ReferenceClient

__all__ = ["Account", "ReferenceClient", "lines_to_play"]
