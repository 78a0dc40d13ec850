"""What Settings and the updates after it amount to: the settings as they stand, and the prompt with its limit."""

import pytest

from mockagent.protocol import updates
from mockagent.protocol.events import Dialect, Side
from mockagent.protocol.updates import MOST_CHARACTERS

C, S = Side.CLIENT, Side.SERVER
FULL = "ä" * MOST_CHARACTERS
"""As long as a prompt may be in characters, and twice as long in bytes."""
OWN = {"url": "https://example.com/think"}


def think(prompt, **more):
    return {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}, "prompt": prompt, **more}


@pytest.fixture
def after(session, settings):
    """The session after these messages of the client, begun with such a think block."""

    def follow(*bodies, begun="Be brief.", dialect=Dialect.V1, **parts):
        first = settings(dialect)
        if dialect is Dialect.V1:
            block = begun if isinstance(begun, list) else think(begun, **parts)
            first = {**first, "agent": {**first["agent"], "think": block}}
        return session(*((C, body) for body in bodies), settings=first, dialect=dialect)

    return follow


@pytest.mark.parametrize(
    ("begun", "parts", "length", "was_cut"),
    [
        (FULL, {}, MOST_CHARACTERS, False),
        (FULL + "x", {}, MOST_CHARACTERS, True),
        ("🙂" * MOST_CHARACTERS, {}, MOST_CHARACTERS, False),
        ("🙂" * (MOST_CHARACTERS + 1), {}, MOST_CHARACTERS, True),
        (FULL + "x", {"endpoint": OWN}, MOST_CHARACTERS + 1, False),
        ([think(FULL + "x"), think("x", endpoint=OWN)], {}, MOST_CHARACTERS, True),
        ([think(FULL + "x", endpoint=OWN), think("x")], {}, MOST_CHARACTERS + 1, False),
    ],
)
def test_a_prompt_for_a_managed_model_is_cut_at_25000_characters(after, begun, parts, length, was_cut):
    found = after(begun=begun, **parts)
    assert (len(found.prompt), found.prompt_was_cut) == (length, was_cut)


def test_a_prompt_that_grows_too_long_is_cut(after):
    almost = after({"type": "UpdatePrompt", "prompt": "x"}, begun=FULL[:-2])
    assert (len(almost.prompt), almost.prompt_was_cut) == (MOST_CHARACTERS, False)
    grown = after({"type": "UpdatePrompt", "prompt": "xy"}, begun=FULL[:-2])
    assert (grown.prompt, grown.prompt_was_cut) == (FULL[:-2] + "\nx", True)


def test_update_think_begins_the_prompt_anew_and_decides_who_runs_the_model(after):
    long = FULL + "x"
    managed = after({"type": "UpdateThink", "think": think(long)}, begun="a", endpoint=OWN)
    assert (managed.prompt, managed.prompt_was_cut) == (FULL, True)
    own = after({"type": "UpdateThink", "think": think(long, endpoint=OWN)})
    assert (own.prompt, own.prompt_was_cut) == (long, False)


def test_early_access_knows_no_limit(after):
    grown = after({"type": "UpdateInstructions", "instructions": FULL + "x"}, dialect=Dialect.EARLY_ACCESS)
    assert grown.prompt.endswith(FULL + "x")
    assert not grown.prompt_was_cut


def test_nobody_knows_the_limit_of_a_stored_agent(session, settings):
    stored = settings(agent="5d3a1c6e-2f4b-4c8d-9e7a-1b2c3d4e5f60")
    assert not session((C, {"type": "UpdatePrompt", "prompt": FULL + "x"}), settings=stored).prompt_was_cut


def test_update_think_and_update_speak_replace_their_block(after):
    speak = [{"provider": {"type": "deepgram", "model": "aura-2-odysseus-en"}}]
    found = after({"type": "UpdateThink", "think": think("New.")}, {"type": "UpdateSpeak", "speak": speak})
    assert found.settings["agent"]["think"] == think("New.")
    assert found.settings["agent"]["speak"] == speak
    assert found.settings["agent"]["listen"] == after().settings["agent"]["listen"]


def test_update_listen_is_partial_and_forgets_the_language_hints(after):
    def listen(**fields):
        return {"type": "UpdateListen", "listen": {"provider": {"type": "deepgram", **fields}}}

    hinted = after(listen(language_hints=["de"]))
    provider = {"type": "deepgram", "model": "nova-3", "language_hints": ["de"]}
    assert hinted.settings["agent"]["listen"] == {"provider": provider}
    other = after(listen(language_hints=["de"]), listen(keyterms=["fish"]))
    assert other.settings["agent"]["listen"]["provider"] == {
        "type": "deepgram",
        "model": "nova-3",
        "keyterms": ["fish"],
    }


def test_update_listen_that_asks_for_another_model_changes_nothing(after):
    other = {"type": "UpdateListen", "listen": {"provider": {"type": "deepgram", "model": "nova-2"}}}
    assert after(other).settings == after().settings


def test_early_access_changes_its_voice_in_either_form():
    update = ("UpdateSpeak", {"type": "UpdateSpeak", "model": "aura-luna-en"}, Dialect.EARLY_ACCESS)
    nested = updates.settings_after({"agent": {"speak": {"model": "a", "provider": "b"}}}, *update)
    assert nested == {"agent": {"speak": {"model": "aura-luna-en", "provider": "b"}}}
    flat = updates.settings_after({"agent": {"speak_model": "a"}}, *update)
    assert flat == {"agent": {"speak_model": "aura-luna-en"}}


def test_a_stored_agent_stays_one_but_for_its_thinking():
    stored = {"agent": "5d3a1c6e-2f4b-4c8d-9e7a-1b2c3d4e5f60"}
    speak = {"type": "UpdateSpeak", "speak": {}}
    assert updates.settings_after(stored, "UpdateSpeak", speak, Dialect.V1) == stored
    body = {"type": "UpdateThink", "think": think("x")}
    assert updates.settings_after(stored, "UpdateThink", body, Dialect.V1) == {"agent": {"think": think("x")}}


def test_think_live_is_replaced():
    settings = {"agent": {"think_live": {"prompt": "old"}}}
    update = {"type": "UpdateThink_Live", "think_live": {"prompt": "new"}}
    after = updates.settings_after(settings, "UpdateThink_Live", update, Dialect.V1)
    assert after == {"agent": {"think_live": {"prompt": "new"}}}


def test_update_listen_replaces_what_stands_beside_the_provider(after):
    update = {"type": "UpdateListen", "listen": {"more": 1, "provider": {"type": "deepgram"}}}
    assert after(update).settings["agent"]["listen"] == {
        "more": 1,
        "provider": {"type": "deepgram", "model": "nova-3"},
    }
