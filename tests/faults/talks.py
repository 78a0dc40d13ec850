"""A conversation in which every fault has something to hit, and the same with one of them in it."""

from mockagent.scenario.faults.table import FAULTS, Strikes

SPEED = 10
BEFORE = ["- client: Settings", "- agent: Hello, this is the agent."]
AFTER = ["- user: Hi", "  when: text", "- agent: Well then, good bye.", "- client: {closes: true}"]


def conversation(*steps, at_the_top=(), attempts=(), after=AFTER):
    lines = [*at_the_top, *BEFORE, *steps, *after]
    more = ["attempts:", *(f"  {line}" for line in attempts)] if attempts else []
    return "\n".join(["name: talk", "summary: s", *more, "steps:", *(f"  {line}" for line in lines)]) + "\n"


def with_a_step(name):
    """The conversation with that fault where it can strike."""
    fault = FAULTS[name]
    step = f"- fault: {name}"
    if fault.strikes is Strikes.HANDSHAKE:
        return conversation(attempts=[step])
    if fault.strikes is Strikes.OPENING:
        return conversation(at_the_top=[step])
    return conversation(step, after=[] if fault.ends else AFTER)
