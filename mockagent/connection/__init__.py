"""Drives one WebSocket: the only place that has both a wire and a clock, and both are passed in."""

from mockagent.connection.driving import Connection
from mockagent.connection.outside import Detector, Functions, Recorder
from mockagent.connection.tally import RUN

__all__ = ["RUN", "Connection", "Detector", "Functions", "Recorder"]
