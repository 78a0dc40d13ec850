"""The patterns of a file, looked at while it is read: every regular expression must be one."""

from mockagent.scenario.matching import flaws_in
from mockagent.scenario.nodes import ListNode, MappingNode, Node, ScalarNode
from mockagent.scenario.reading import Reading


def check_pattern(node: Node, reading: Reading) -> None:
    """Writes down the regular expressions of a pattern that are none, each at its own place."""
    if isinstance(node, ScalarNode):
        for text in flaws_in(node.value):
            reading.flaw(node, text)
    for child in node.items if isinstance(node, ListNode) else ():
        check_pattern(child, reading)
    for child in node.entries.values() if isinstance(node, MappingNode) else ():
        check_pattern(child, reading)
