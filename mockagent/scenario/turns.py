"""The agent's turn as a script: it thinks, speaks, and is perhaps interrupted in either."""

from mockagent.protocol import messages
from mockagent.protocol.events import JsonObject, Message
from mockagent.scenario.cues import (
    Cue,
    Happened,
    Heard,
    ReplyBegan,
    ReplyEnded,
    Script,
    Waiting,
    Want,
)
from mockagent.scenario.fallback import serves
from mockagent.scenario.model import AgentTurn, During, Interruption, Place, Trigger
from mockagent.scenario.reply import Reply
from mockagent.scenario.scene import Scene
from mockagent.scenario.sentences import sentences
from mockagent.scenario.templates import filled


def message_of(cue: Cue, type: str) -> JsonObject | None:
    """The body of the message that the client sent, if it is of that type."""
    if (
        isinstance(cue, Happened)
        and isinstance(cue.event.content, Message)
        and cue.event.content.type == type
    ):
        return cue.event.content.body
    return None


def pause(scene: Scene, seconds: float, place: Place = Place()) -> Script:
    """Nothing is done for so long."""
    yield Want(
        lambda _: False,
        until=scene.now + seconds,
        expects="the pause to pass",
        place=place,
        must=False,
        pause=True,
    )


def agent_turn(scene: Scene, step: AgentTurn) -> Script:
    """The agent thinks as long as it takes to, says its texts, and is perhaps interrupted."""
    if step.interrupted and step.interrupted.during is During.THINKING:
        yield from _interrupted_thought(scene, step, step.interrupted)
        return
    if not serves(scene, step):
        return
    reply = yield from reply_begun(scene, step)
    if step.backchannel is not None:
        yield from _backchannel(scene, reply, step)
    if step.interrupted:
        yield from _until_interrupted(scene, reply, step.interrupted, step.place)
    else:
        yield from until_over(reply, step.place)


def reply_begun(scene: Scene, step: AgentTurn) -> Waiting[Reply]:
    """The agent thinks as long as it takes to, and begins to speak."""
    yield from thinking(scene, step.thinking, step.place)
    texts = tuple(filled(text, scene.names) for text in step.texts)
    if scene.switches.text_by_sentence and step.wav is None:
        texts = tuple(sentence for text in texts for sentence in sentences(text))
    reply = Reply(texts, step.wav, scene.asked_at(), step.breaks, step.behavior)
    scene.floor.say(reply, scene.now)
    return reply


def until_over(reply: Reply, place: Place = Place()) -> Script:
    """Wait until a reply has been said or cut short."""
    if not reply.is_over:
        yield Want(
            lambda cue: isinstance(cue, ReplyEnded) and cue.reply is reply,
            place=place,
            expects="the end of the agent's speech",
        )


def thinking(scene: Scene, thought: str | None, place: Place = Place()) -> Script:
    """The agent thinks until the time for it has passed since the user's turn, perhaps aloud."""
    if scene.user_ended_at is not None:
        wait = scene.user_ended_at + scene.switches.think_for - scene.now
        if thought is not None:
            scene.send(messages.agent_thinking(filled(thought, scene.names)))
        if wait > 0:
            yield from pause(scene, wait, place)


def _interrupted_thought(scene: Scene, step: AgentTurn, how: Interruption) -> Script:
    """The user speaks up, or types, while the agent thinks: what it thought of is never said."""
    if step.thinking is not None:
        scene.send(messages.agent_thinking(filled(step.thinking, scene.names)))
    limit = scene.switches.step_within if how.after is None else how.after
    cue = yield Want(
        lambda cue: interrupts(cue, how),
        until=scene.now + limit,
        place=step.place,
        expects="the interruption",
        listens=how.by is Trigger.SPEECH,
        takes_held=how.by is Trigger.TEXT,
        must=how.after is None,
    )
    if isinstance(cue, Happened):
        scene.held.append(cue.event)
    else:
        scene.user_starts(cue.at)


def _backchannel(scene: Scene, reply: Reply, step: AgentTurn) -> Script:
    """In the middle of the reply the user shows that they listen; the agent goes on."""
    yield from _until_begun(reply, step.place)
    began_at = scene.now if reply.began_at is None else reply.began_at
    yield Want(
        lambda cue: isinstance(cue, ReplyEnded) and cue.reply is reply,
        until=began_at + step.lasts / 2,
        place=step.place,
        expects="the middle of the reply",
        must=False,
    )
    if not reply.is_over:
        scene.user_attends(filled(step.backchannel or "", scene.names))


def interrupts(cue: Cue, how: Interruption) -> bool:
    """Whether the user has just begun to interrupt as the interruption has it."""
    if isinstance(cue, Heard):
        return how.by is Trigger.SPEECH and cue.started
    return how.by is Trigger.TEXT and message_of(cue, "InjectUserMessage") is not None


def _until_begun(reply: Reply, place: Place) -> Script:
    if reply.began_at is None:
        yield Want(
            lambda cue: isinstance(cue, ReplyBegan) and cue.reply is reply, place=place, expects="the reply"
        )


def _until_interrupted(scene: Scene, reply: Reply, how: Interruption, place: Place) -> Script:
    yield from _until_begun(reply, place)

    def is_over(cue: Cue) -> bool:
        return interrupts(cue, how) or (isinstance(cue, ReplyEnded) and cue.reply is reply)

    until = None if how.after is None or reply.began_at is None else reply.began_at + how.after
    cue = yield Want(
        is_over,
        until=until,
        place=place,
        expects="the interruption",
        listens=how.by is Trigger.SPEECH,
        must=False,
    )
    if isinstance(cue, Happened):
        scene.held.append(cue.event)
    if not isinstance(cue, ReplyEnded):
        scene.user_starts(cue.at)
