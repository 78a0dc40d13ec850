"""What nobody outside the vendor knows for sure, or what a deployment may choose: every such figure, with its default.

All lengths are seconds on the session's clock. Two of them a server that plays faster makes longer, so that they
do not shrink: what a client needs to attach its handler, and what an endpoint needs to answer.
"""

from dataclasses import dataclass
from enum import StrEnum


class BeforeSettings(StrEnum):
    """What a server does with a message that comes before Settings: the sources disagree."""

    ERROR = "error"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Switches:
    """How one session is held. Sources: field reports for the limits, the vendor's pages for the rest."""

    welcome_after: float = 0.02
    first_settings_within: float = 10.0
    silence_for: float = 10.0
    answer_within: float = 10.0
    function_within: float = 10.0
    session_for: float = 7200.0
    session_warned_before: float = 300.0
    think_for: float = 0.25
    step_within: float = 30.0
    frame_for: float = 0.02
    text_by_sentence: bool = False
    agent_started_speaking: bool = True
    latency_report: bool = True
    history: bool = True
    injection_warnings: bool = False
    before_settings: BeforeSettings = BeforeSettings.ERROR
    think_live: bool = False
