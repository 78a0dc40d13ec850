"""Several worlds are possible; what breaks a requirement in all of them has broken one."""

from mockagent import catalogue
from mockagent.protocol.events import Closed, Dialect, Event, Side
from mockagent.testing.machine.steps import Choice, failure, legal
from mockagent.testing.machine.worlds import Worlds


def worlds_with(peer, *senders):
    """A session in which these have done in turn what leads on, a tenth of a second apart."""
    worlds = Worlds(catalogue.requirements(), Dialect.V1, peer, strict=True)
    for number, sender in enumerate(senders, 1):
        content = legal(worlds.judge, sender, number / 10, Choice(0, "No."), None)
        event = Event(number / 10, sender, content)
        assert sender is not peer or worlds.received(event) == ()
        if sender is not peer:
            worlds.sent(event)
    return worlds


OPENING = (Side.SERVER, Side.CLIENT, Side.SERVER)


def test_how_late_a_close_comes_is_a_matter_of_patience_not_of_the_clock():
    worlds = worlds_with(Side.SERVER, *OPENING)
    assert worlds.received(Event(1.0, Side.SERVER, failure(worlds.session))) == ()
    assert worlds.received(Event(4.0, Side.SERVER, Closed())) == ()


def test_what_breaks_a_requirement_in_every_world_is_told():
    worlds = worlds_with(Side.SERVER, *OPENING)
    again = legal(worlds_with(Side.SERVER).judge, Side.SERVER, 1.0, Choice(0, "No."), None)
    assert [each.requirement.id for each in worlds.received(Event(1.0, Side.SERVER, again))] == ["OPN-003"]
