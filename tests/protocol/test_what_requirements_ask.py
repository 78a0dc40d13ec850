"""What a requirement says of itself."""

from mockagent import catalogue
from mockagent.protocol.requirements import Keyword


def test_only_a_must_is_one():
    every = catalogue.requirements().values()
    assert {each.keyword for each in every if each.is_must} == {Keyword.MUST}
    assert Keyword.MUST not in {each.keyword for each in every if not each.is_must}
