"""Words of peers inside pages: escaped, on one line, and what steers is written out, in addresses too."""

import pytest

from mockagent.render.html.markup import links


@pytest.mark.parametrize("nasty", ["\x1b[31m", "\x07", "\x7f", "\x9b2J", "\u202e", "\u2069"])
def test_an_address_steers_no_more_than_other_words(nasty):
    shown = links(f"see {nasty} https://example.com/{nasty}a and {nasty}")
    assert nasty not in shown
    assert shown.count("<a ") == 1


def test_an_address_ends_no_attribute():
    shown = links("https://example.com/?a=1&b=`>'\"onclick=alert(1)")
    assert shown == (
        '<a href="https://example.com/?a=1&amp;b=`" rel="noreferrer">https://example.com/?a=1&amp;b=`</a>'
        "&gt;&#x27;&quot;onclick=alert(1)"
    )
