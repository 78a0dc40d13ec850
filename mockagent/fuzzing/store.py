"""Failures as files, one each, named by the id."""

import json
import tempfile
from pathlib import Path

from mockagent.errors import MockagentError, nearest
from mockagent.fuzz.failure import Failure, read, stored

FOLDER = Path(".mockagent/failures")


def open_to(folder: Path) -> None:
    """MockagentError where no failure could be written to that folder: better said before there is one to keep."""
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise MockagentError(f"cannot keep failures in {folder}: {error.strerror or error}") from None


def keep(failure: Failure, folder: Path) -> Path:
    """Write it, and say where; MockagentError when it cannot be written."""
    path = folder / f"{failure.id}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(stored(failure), indent=1) + "\n", "utf-8")
    except OSError as error:
        raise MockagentError(f"cannot write {path}: {error.strerror or error}") from None
    return path


def keep_scenario(text: str, failure: Failure, folder: Path) -> Path:
    """Write the scenario that plays the failure, beside it; MockagentError when it cannot be written."""
    path = folder / f"{failure.id}.yaml"
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise MockagentError(f"cannot write {path}: {error.strerror or error}") from None
    return path


def find(id_or_path: str, folder: Path) -> Failure:
    """The failure of a file, or of that id in the folder; MockagentError with the nearest one where there is none."""
    path = Path(id_or_path)
    if not path.is_file():
        path = folder / f"{id_or_path}.json"
    try:
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        known = [each.stem for each in folder.glob("*.json")]
        raise MockagentError(
            f"no failure {id_or_path!r} in {folder}, and no such file{nearest(id_or_path, known)}"
        ) from None
    except OSError as error:
        raise MockagentError(f"cannot read {path}: {error.strerror or error}") from None
    except ValueError as error:
        raise MockagentError(f"{path}: not JSON: {error}") from None
    if not isinstance(document, dict):
        raise MockagentError(f"{path}: expected a stored failure, got {type(document).__name__}")
    return read(document, str(path))
