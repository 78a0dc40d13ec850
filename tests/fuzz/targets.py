"""What a fuzzer feeds with bytes, and what must hold whatever they are. Each target returns, or it has found something.

    python tests/fuzz/targets.py codec [--seconds 600]

lets atheris (guided by coverage; part of `dev`) look for more, beginning with the corpus in tests/fuzz/corpus/codec.
What it finds is written to where it runs, as crash-…: put it into the corpus, and the tests play it for ever. New
inputs are kept in a folder that it names; `--merge FOLDER` takes from there what reaches something new.
"""

import os
import sys
import tempfile
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
_MOST = 64


def codec(data):
    """No frame makes the codec raise, and what it reads it also writes."""
    from mockagent.protocol.codec import decode, encode
    from mockagent.protocol.events import Frame, Message

    text, binary = decode(Frame(data)), decode(Frame(data, binary=True))
    assert binary.size == len(data)
    if isinstance(text, Message):
        assert decode(encode(text.body)) == text


def judge(data):
    """No frames make the judge raise, in either dialect; the first byte of each line says who sends it, and how."""
    from mockagent import catalogue
    from mockagent.protocol.codec import decode
    from mockagent.protocol.events import Dialect, Event, Frame, Message, Opened, Side
    from mockagent.protocol.judge import Judge

    for dialect in Dialect:
        watching = Judge(catalogue.requirements(), None, dialect)
        watching.observe(Event(0.0, Side.SERVER, Opened(dialect)))
        for number, line in enumerate(data.split(b"\n")[:_MOST], 1):
            how = line[0] if line else 0
            side = Side.CLIENT if how & 1 else Side.SERVER
            content = decode(Frame(line[1:], binary=bool(how & 2)))
            if isinstance(content, Message):
                problems = catalogue.schemas().problems(dialect, side, content.body)
                content = Message(content.type, content.body, problems)
            watching.observe(Event(number / 10, side, content))


def scenario(data):
    """A scenario is loaded, or refused with a file and a line."""
    import re

    from mockagent.catalogue import scenario_of
    from mockagent.errors import ScenarioError

    try:
        scenario_of(data.decode("utf-8", "replace"), "fuzzed.yaml")
    except ScenarioError as error:
        assert re.match(r"fuzzed\.yaml:\d+:\d+: ", str(error)), str(error)


def trace(data):
    """A trace is read, or refused with a file and a line; what was read can be judged."""
    import io
    import re

    from mockagent import catalogue
    from mockagent.errors import TraceError
    from mockagent.protocol.judge import Judge
    from mockagent.protocol.trace import read

    try:
        found = read(io.StringIO(data.decode("utf-8", "replace"), newline="\n"), "fuzzed.jsonl")
    except TraceError as error:
        assert re.match(r"fuzzed\.jsonl:\d+: ", str(error)), str(error)
        return
    watching = Judge(catalogue.requirements(), None, found.header.dialect)
    for event in found.events:
        watching.observe(event)


TARGETS = {each.__name__: each for each in (codec, judge, scenario, trace)}


def seeds(name):
    """The corpus of a target, by file."""
    return sorted((CORPUS / name).iterdir())


def main(name, *flags):
    import atheris

    with atheris.instrument_imports(include=["mockagent", "json", "yaml"]):
        import mockagent.catalogue
        import mockagent.protocol.codec
        import mockagent.protocol.judge
        import mockagent.protocol.trace

        mockagent.catalogue.schemas(), mockagent.catalogue.requirements()
    seconds = flags[flags.index("--seconds") + 1] if "--seconds" in flags else "60"
    known = str(CORPUS / name)
    if "--merge" in flags:
        arguments = ["-merge=1", known, flags[flags.index("--merge") + 1]]
    else:
        found = os.environ.get("FUZZ_FOUND") or tempfile.mkdtemp(prefix=f"fuzz-{name}-")
        print(f"new inputs are kept in {found}", file=sys.stderr)
        arguments = [
            f"-max_total_time={seconds}",
            "-timeout=20",
            "-max_len=4096",
            "-rss_limit_mb=2048",
            found,
            known,
        ]
    atheris.Setup([sys.argv[0], *arguments], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
