"""The plays in which mutants show: as short as can be, so that many can be held; and every bundled scenario.

Each is played with the unbroken reference first, twice.
"""

from functools import cache

from mockagent import catalogue
from mockagent.scenario.model import Scenario

_TOO_LONG = "x" * 25_001
_V2 = "{type: Settings, agent: {listen: {provider: {type: deepgram, version: v2, model: flux-general-en}}}}"
_CITY = """\
type: Settings
      agent: {think: {functions: [{name: weather, parameters: {type: object, required: [city]}}]}}"""

_TALK = """\
steps:
  - client: Settings
  - agent: Hello.
  - user: Hello.
  - agent: Yes?
  - client: {closes: true}
"""

_TEXTS = {
    "greets": "steps: [{client: Settings}, {agent: Hello.}, {client: {closes: true}}]",
    "greets_again": "steps: [{client: Settings}, {agent: Good day.}, {client: {closes: true}}]",
    "welcomes_late": """\
switches: {welcome_after: 0.4 s}
steps: [{client: Settings}, {agent: Hello.}, {client: {closes: true}}]
""",
    "tells_no_history": """\
switches: {history: false}
steps:
  - client: {type: Settings, flags: {history: false}}
  - agent: Hello.
  - client: {closes: true}
""",
    "talks": _TALK,
    "talks_without_history": "switches: {history: false, latency_report: false}\n" + _TALK,
    "talks_on": _TALK.replace(
        "  - client: {closes", "  - user: Well.\n  - agent: Well?\n  - client: {closes"
    ),
    "types": """\
switches: {history: false}
steps:
  - client: Settings
  - agent: Hello.
  - user: Is it me you hear?
    when: text
  - agent: Yes.
  - client: {closes: true}
""",
    "interrupts": """\
switches: {history: false, latency_report: false}
steps:
  - client: Settings
  - agent: It is sunny today, and it will be sunny tomorrow, and the day after tomorrow too.
    interrupted: {after: 0.4 s}
  - user: Stop.
  - agent: Yes.
  - client: {closes: true}
""",
    "calls": f"""\
switches: {{history: false}}
steps:
  - client:
      {_CITY}
  - agent: Hello.
  - user: Is it sunny?
  - call: {{weather: {{city: Fremont}}}}
  - agent: Yes.
  - client: {{closes: true}}
""",
    "calls_with_history": """\
steps:
  - client: Settings
  - agent: Hello.
  - user: Is it sunny?
  - call: {weather: {city: Fremont}}
  - agent: Yes.
  - client: {closes: true}
""",
    "calls_there": """\
switches: {history: false}
steps:
  - client: Settings
  - agent: Hello.
  - user: Where is it?
  - call: {order: {number: "7"}}
    server_side: true
    result: here
  - agent: Here.
  - client: {closes: true}
""",
    "calls_in_vain": """\
steps:
  - client: Settings
  - agent: Hello.
  - user: Is it sunny?
  - call: {weather: {city: Fremont}}
    interrupted: {after: 0 s}
  - user: No, in Oakland.
  - agent: Yes.
  - client: {closes: true}
""",
    "updates": """\
steps:
  - client: Settings
  - agent: Hello.
  - client: {type: UpdatePrompt, prompt: Be formal.}
  - client: UpdateSpeak
  - user: Hello.
  - agent: Good day.
  - client: {closes: true}
""",
    "prompts_too_much": f"""\
switches: {{history: false}}
steps:
  - client: Settings
  - agent: Hello.
  - client: {{type: UpdatePrompt, prompt: {_TOO_LONG}}}
  - user: Hello.
  - agent: Good day.
  - client: {{closes: true}}
""",
    "listens_otherwise": f"""\
steps:
  - client: {_V2}
  - agent: Hello.
  - client:
      type: UpdateListen
      listen: {{provider: {{type: deepgram, version: v2, model: flux-general-en, eot_threshold: 0.7}}}}
  - server: ListenUpdated
  - client: {{closes: true}}
""",
    "forces_the_end": f"""\
steps:
  - client: {_V2}
  - agent: Hello.
  - client: ForceEndTurn
  - user: Hello.
  - agent: Yes?
  - client: {{closes: true}}
""",
    "injects": """\
switches: {history: false}
steps:
  - client: Settings
  - agent: Hello.
  - wait: 1 s
  - client: InjectAgentMessage
  - user: Yes.
  - agent: Good.
  - client: {closes: true}
""",
    "injects_too_early": """\
switches: {history: false}
steps:
  - client: Settings
  - agent: It is sunny today, and it will be sunny tomorrow.
  - client: InjectAgentMessage
  - client: {closes: true}
""",
    "queues": """\
switches: {history: false}
steps:
  - client: Settings
  - agent: It is sunny today, and it will be sunny tomorrow.
  - client: {type: InjectAgentMessage, behavior: queue}
  - client: {closes: true}
""",
    "thinks_live": """\
switches: {think_live: true}
steps:
  - client: Settings
  - agent: Hello.
  - user: This is the third time that I call.
  - server: {type: FrustrationDetected, count: 1, escalated: false}
  - agent: I am sorry.
  - client: {closes: true}
""",
    "lasts": """\
switches: {silence_for: 60 s, session_for: 10 s, session_warned_before: 5 s}
steps:
  - client: Settings
  - agent: Hello.
  - client: {stays: true}
""",
    "lasts_quietly": """\
switches: {session_for: 15 s, session_warned_before: 5 s}
steps:
  - client: Settings
  - agent: Hello.
  - client: {stays: true}
""",
    "fails": """\
steps:
  - client: Settings
  - agent: Hello.
  - error: FAILED_TO_THINK
""",
    "applies_late": """\
steps:
  - fault: {late_settings_applied: {seconds: 3 s}}
  - client: Settings
  - agent: Hello.
  - client: {closes: true}
""",
    "early": """\
dialect: early-access
steps:
  - client: SettingsConfiguration
  - agent: Hello.
  - user: Where is it?
  - call: {track_parcel: {number: "7"}}
    thinking: About a parcel.
  - agent: Here.
  - client: {closes: true}
""",
}

NAMES = tuple(_TEXTS)
PATIENT = frozenset({"greets_again"})
"""Plays whose client takes a moment between Welcome and its Settings."""


@cache
def scenario(name: str) -> Scenario:
    """The play of that name; otherwise the bundled scenario."""
    text = _TEXTS.get(name)
    if text is None:
        return catalogue.proved_scenario(catalogue.find_scenario(name))
    return catalogue.scenario_of(f"name: {name}\nsummary: A play for mutants\n{text}", f"{name}.yaml")
