"""Which codes a close frame may carry. Source: RFC 6455, sections 7.4.1 and 7.4.2, and the IANA registry."""

FIRST, LAST = 1000, 4999
WHICH = "1000 to 1014, 3000 to 4999"
_NEVER_SENT = frozenset({1004, 1005, 1006})
_LAST_REGISTERED = 1014
_FIRST_OF_LIBRARIES = 3000


def is_sendable(code: int) -> bool:
    """May a close frame carry that code?"""
    registered = FIRST <= code <= _LAST_REGISTERED and code not in _NEVER_SENT
    return registered or _FIRST_OF_LIBRARIES <= code <= LAST
