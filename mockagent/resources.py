"""Where the three data folders are: inside an installed wheel, or at the top of a checkout."""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def folder(name: str) -> Path:
    """The folder `schemas`, `scenarios` or `conformance`; FileNotFoundError if the installation lacks it."""
    for parent in (_PACKAGE / "_data", _PACKAGE.parent):
        if (parent / name).is_dir():
            return parent / name
    raise FileNotFoundError(f"mockagent was installed without its folder {name}/")
