"""mockagent: a protocol-faithful fake of Deepgram's Voice Agent API, and the rules that clients are judged by."""

__version__ = "0.1.0"
