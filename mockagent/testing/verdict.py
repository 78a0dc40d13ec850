"""What is wrong with how clients played: each complaint says where the play stands and what should have come."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mockagent.errors import NoSuchName
from mockagent.scenario.model import Scenario
from mockagent.server.notices import Finding, TurnedAway
from mockagent.testing.sessions import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What must hold at the end. `findings` are the requirements that a client may break; True stands for all."""

    finished: bool = True
    findings: bool | Collection[str] = ()

    def check(self, known: Collection[str]) -> None:
        """NoSuchName if one of the requirements does not exist."""
        for id in () if isinstance(self.findings, bool) else self.findings:
            if id not in known:
                raise NoSuchName("requirement", id, known)

    def allows(self, requirement: str) -> bool:
        """Whether a client may break it."""
        return self.findings if isinstance(self.findings, bool) else requirement in self.findings


def complaints(
    sessions: Sequence[Session],
    scenarios: Sequence[Scenario],
    expected: Expectation,
    url: str,
    turned_away: Sequence[TurnedAway] = (),
) -> list[str]:
    """Everything that was expected and did not happen, or that happened and must not; empty when all is well."""
    found = [complaint for session in sessions for complaint in _of_session(session, expected)]
    if expected.finished:
        if not sessions:
            who = f"; the last of {len(turned_away)} was turned away" if turned_away else ""
            why = f" with {turned_away[-1].status}: {turned_away[-1].message}" if turned_away else ""
            found.append(f"no client has connected to {url}, so nothing was tested{who}{why}")
        else:
            found += _never_played(sessions, scenarios)
    return found


def _of_session(session: Session, expected: Expectation) -> list[str]:
    who = f"session {session.number} ({session.scenario or 'the house agent'})"
    found = []
    if expected.finished and session.ending in ("unfinished", "open"):
        what = [str(unmet) for unmet in session.unmet] or [f"the session is {session.ending}"]
        found += [f"{who} did not come to its end: {each}" for each in what]
    found += [f"{who} broke {_words(each)}" for each in _broken(session, expected)]
    return found


def _broken(session: Session, expected: Expectation) -> list[Finding]:
    """The first finding of each requirement that must be kept, whoever broke it."""
    first: dict[str, Finding] = {}
    for finding in session.findings:
        if finding.keyword == "MUST" and not expected.allows(finding.requirement):
            first.setdefault(finding.requirement, finding)
    return list(first.values())


def _words(finding: Finding) -> str:
    where = f"at {finding.pointer}: " if finding.pointer else ""
    return (
        f"{finding.requirement} ({finding.sentence}) {finding.at:.3f} s after it opened, "
        f"{where}expected {finding.expected}, got {finding.got}"
    )


def _never_played(sessions: Sequence[Session], scenarios: Sequence[Scenario]) -> list[str]:
    played = {session.scenario for session in sessions}
    return [
        f"{each.name} ({each.place.file}) was served, but no client played it"
        for each in scenarios
        if each.name not in played
    ]
