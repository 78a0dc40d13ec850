"""Which scenario a session plays: the one its client asks for, else the next in turn.

A client asks by an API key, a header, a query parameter or a tag in Settings; so even a client whose code cannot
be changed can choose.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import cycle

from mockagent.errors import NoSuchName, ServerError
from mockagent.protocol.events import Dialect
from mockagent.scenario.model import Scenario
from mockagent.server.door import Admitted

TAG = "scenario:"


class Casting:
    """The scenarios of a server. Without any, every session is the house agent's (None)."""

    def __init__(self, scenarios: Sequence[Scenario]) -> None:
        self._by_name: dict[str, Scenario] = {}
        for scenario in scenarios:
            other = self._by_name.setdefault(scenario.name, scenario)
            if other is not scenario:
                names = f"{other.place.file} and {scenario.place.file}"
                raise ServerError(
                    f"two scenarios are named {scenario.name!r}: {names}; clients choose by name"
                )
        self._in_turn = {
            dialect: cycle(_of(scenarios, dialect)) for dialect in Dialect if _of(scenarios, dialect)
        }
        self._counts = {dialect: len(_of(scenarios, dialect)) for dialect in Dialect}
        self.is_house = not scenarios
        self._attempts: Counter[str] = Counter()

    def plays(self, dialect: Dialect) -> bool:
        """Whether a client of that dialect finds anything here."""
        return self.is_house or bool(self._counts[dialect])

    def knows(self, name: str) -> bool:
        """Whether that is the name of a scenario."""
        return name in self._by_name

    def at_the_door(self, client: Admitted) -> Scenario | None:
        """What the client asks for before the upgrade, or the only one; None when Settings may still say.

        NoSuchName when it asks for what is not there.
        """
        if client.credential in self._by_name and not self.is_house:
            return self._attempted(self._named(client.credential, client.dialect))
        if client.wish is not None:
            return self._attempted(self._named(client.wish, client.dialect))
        if self._counts[client.dialect] == 1:
            return self._attempted(next(self._in_turn[client.dialect]))
        return None

    def at_settings(
        self, tags: Iterable[str], dialect: Dialect, given: Scenario | None = None
    ) -> Scenario | None:
        """What the tags ask for, else what was given at the door, else the next in turn; None is the house agent.

        NoSuchName when a tag asks for what is not there.
        """
        for tag in tags:
            if tag.startswith(TAG):
                named = self._named(tag.removeprefix(TAG), dialect)
                return given if given and given.name == named.name else self._attempted(named)
        if given is not None:
            return given
        return self._attempted(next(self._in_turn[dialect])) if self._counts[dialect] else None

    def _attempted(self, scenario: Scenario) -> Scenario:
        """The scenario as this connection plays it: each counts, also one that is then refused."""
        self._attempts[scenario.name] += 1
        return scenario.for_attempt(self._attempts[scenario.name])

    def _named(self, name: str, dialect: Dialect) -> Scenario:
        scenario = self._by_name.get(name)
        if scenario is None or scenario.dialect is not dialect:
            known = [each.name for each in self._by_name.values() if each.dialect is dialect]
            raise NoSuchName(f"{dialect} scenario", name, known)
        return scenario


def _of(scenarios: Sequence[Scenario], dialect: Dialect) -> list[Scenario]:
    return [scenario for scenario in scenarios if scenario.dialect is dialect]
