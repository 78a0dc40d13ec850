"""Measures how fast the Hypothesis strategies draw, and counts what is invalid among it. Nothing is asserted.

    python tests/bench/strategies.py [--examples 10000]

A figure is examples a second of CPU time, with all that Hypothesis does around a test that passes. About a minute.
"""

import argparse
import time

from hypothesis import HealthCheck, given
from hypothesis import settings as trials

from mockagent import catalogue
from mockagent.protocol.events import Dialect, Event, Message, Opened, Side
from mockagent.protocol.judge import Judge
from mockagent.testing import strategies

_FEWER = 10
"""Of messages and conversations only so much of the examples are drawn."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--examples", type=int, default=10_000)
    number = parser.parse_args().examples
    print(f"{'':32} {'drawn':>6} {'a second':>9} {'invalid':>8}")
    for dialect in Dialect:
        show(f"{dialect} settings", strategies.settings(dialect), number, of_settings(dialect))
        for side in Side:
            drawn = strategies.messages(dialect, side)
            show(f"{dialect} messages of the {side}", drawn, number // _FEWER, of_schema(dialect, side))
        show(
            f"{dialect} conversations", strategies.conversations(dialect), number // _FEWER, of_judge(dialect)
        )


def show(name, strategy, number, is_wrong):
    drawn = []

    def keep(each):
        drawn.append(each)

    begun = time.process_time()
    trials(
        max_examples=number,
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )(given(strategy)(keep))()
    rate = len(drawn) / (time.process_time() - begun)
    print(f"{name:32} {len(drawn):6} {rate:9.0f} {sum(map(is_wrong, drawn)):8}", flush=True)


def checked(dialect, side, body):
    return Message(body["type"], body, catalogue.schemas().problems(dialect, side, body))


def of_schema(dialect, side):
    return lambda body: bool(checked(dialect, side, body).problems)


def of_judge(dialect):
    def is_wrong(events):
        judge = Judge(catalogue.requirements(), None, dialect)
        return any(judge.observe(event) for event in events)

    return is_wrong


def of_settings(dialect):
    opened = Event(0.0, Side.SERVER, Opened(dialect))
    is_wrong = of_judge(dialect)
    return lambda body: is_wrong([opened, Event(0.1, Side.CLIENT, checked(dialect, Side.CLIENT, body))])


if __name__ == "__main__":
    main()
