"""What a fault does to the wire."""

from mockagent.connection.outside import Clock, Wire
from mockagent.scenario.actions import Cut, Form, Sever, Write


def write(deed: Write, wire: Wire, clock: Clock) -> None:
    """Send the bytes of a message in the form that the fault has for them."""
    data, binary = deed.frame.data, deed.frame.binary
    match deed.form:
        case Form.WHOLE:
            wire.send(data, binary)
        case Form.PARTS:
            wire.send_in_parts(data, binary, round(deed.amount))
        case Form.STALLED:
            wire.send_stalling(data, binary, clock.length(deed.amount))
        case Form.COMPRESSED:
            wire.send_compressed(data, binary)


def sever(deed: Sever, wire: Wire, clock: Clock) -> None:
    """End the connection without a close frame."""
    match deed.how:
        case Cut.CLOSE:
            wire.hang_up()
        case Cut.RESET:
            wire.reset()
        case Cut.SILENCE:
            wire.vanish(clock.length(deed.seconds))
