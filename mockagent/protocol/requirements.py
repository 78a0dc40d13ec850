"""Requirements: the obligations of the protocol, each with an id that is never reused, and where it stands.

They are data (`conformance/requirements/*.yaml`); this module only says what one consists of.
"""

from dataclasses import dataclass
from enum import StrEnum

from mockagent.protocol.events import Dialect, Side


class Keyword(StrEnum):
    """How much a requirement binds, in the sense of RFC 2119."""

    MUST = "MUST"
    SHOULD = "SHOULD"


class Certainty(StrEnum):
    """How sure the requirement is: the vendor says so, the live service was seen to do so, or we conclude it."""

    DOCUMENTED = "documented"
    OBSERVED = "observed"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True)
class Refusal:
    """How the live service answers a client that breaks a requirement: a fatal Error, then the close.

    `description` is for V1, `message` for early access; `{field}` in either stands for the field at fault.
    """

    code: str
    description: str
    message: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """One obligation of one side. `sentence` is true while it is kept; `refusal` None means it is only noted.

    `source` and, where it is known, `section` say where it stands. `unseen` says why no rule can see whether it is
    kept; None where a rule does.
    """

    id: str
    keyword: Keyword
    binds: Side
    sentence: str
    source: str
    certainty: Certainty
    since: str
    dialects: tuple[Dialect, ...] = (Dialect.V1, Dialect.EARLY_ACCESS)
    refusal: Refusal | None = None
    unseen: str | None = None
    section: str | None = None

    @property
    def is_must(self) -> bool:
        return self.keyword is Keyword.MUST
