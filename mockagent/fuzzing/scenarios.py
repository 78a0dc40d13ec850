"""The failure of a client as a scenario file that it would be played by, and that is proved."""

from mockagent import catalogue
from mockagent.errors import ScenarioError
from mockagent.fuzz.as_scenario import CannotSay, as_scenario
from mockagent.fuzz.failure import Failure
from mockagent.fuzz.outcomes import Verdict
from mockagent.protocol.judge import Judge
from mockagent.protocol.switches import Switches


def scenario_of(failure: Failure) -> str:
    """The YAML; CannotSay with the reason where there is none."""
    if failure.outcome.verdict is Verdict.LEAKED:
        raise CannotSay("what leaks does not show in what a client answers")
    sending = failure.sending
    function = failure.options.get("function")
    text = as_scenario(
        sending,
        None if function is None else str(function),
        Judge(catalogue.requirements(), Switches(), sending.dialect),
        catalogue.problems,
        summary=f"The client lives on after {failure.origin}",
        remarks=[_remark(failure)],
    )
    try:
        catalogue.scenario_of(text, f"{failure.id}.yaml")
    except ScenarioError as error:
        raise CannotSay(f"it would be refused: {error.flaws[0].text}") from None
    return text


def _remark(failure: Failure) -> str:
    """What was seen, in one line without anything that YAML would not take."""
    seen = f"{failure.outcome.verdict}: {failure.outcome.detail}".rstrip(": ")
    said = f"{seen}, found by mockagent {failure.version}; the frames alone are in {failure.id}.json."
    return "".join(each if each.isprintable() else "?" for each in " ".join(said.split()))
