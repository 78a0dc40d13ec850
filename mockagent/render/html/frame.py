"""A whole page round its content: its style, its script, and a policy that lets nothing else in. Pure."""

import base64
import hashlib

from mockagent.render.html.markup import text
from mockagent.render.html.script import SCRIPT
from mockagent.render.html.style import STYLE


def framed(title: str, content: str) -> str:
    """The document. `content` is markup, `title` is text."""
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{text(title, 200)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{content}\n"
        f"<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )
