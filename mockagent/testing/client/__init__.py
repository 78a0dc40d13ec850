"""The reference client: plays the client's part of a scenario over a real socket, as the protocol asks of it."""

from mockagent.client.account import Account
from mockagent.client.shell import ReferenceClient
from mockagent.scenario.lines import lines_to_play

__all__ = ["Account", "ReferenceClient", "lines_to_play"]
