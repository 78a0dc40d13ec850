"""Rows of text in columns."""

from collections.abc import Iterator, Sequence


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Each row as a line, its columns as wide as the widest entry; the last one takes what it needs."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(f"{entry:{width}}" for entry, width in zip(row, widths, strict=True)).rstrip()
