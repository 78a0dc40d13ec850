"""What is written into a page: text that stays text, and the addresses that may become links. Pure."""

import html
import re

from mockagent.render.plain import cut, plain

_MOST = 2_000
"""Characters of a peer's words that a page shows at once."""

_ADDRESS = re.compile(r"https?://[^\s;,<>\"']+")


def text(value: object, most: int = _MOST) -> str:
    """The value as text of a page or of an attribute: escaped, on one line, and cut where it is huge."""
    return html.escape(cut(str(value), most))


def block(value: str) -> str:
    """Several lines, as the content of a <pre>."""
    return "\n".join(map(text, value.splitlines()))


def links(source: str) -> str:
    """The text with its addresses of the web as links."""
    parts, at = [], 0
    for found in _ADDRESS.finditer(source):
        address = html.escape(plain(found.group()))
        parts += [text(source[at : found.start()]), f'<a href="{address}" rel="noreferrer">{address}</a>']
        at = found.end()
    return "".join([*parts, text(source[at:])])


def plural(count: int, noun: str) -> str:
    """ "1 row", "2 rows"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
