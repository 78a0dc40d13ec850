"""Sends faults to a real peer, a parser, a server or a client, and keeps what it does not live through."""
