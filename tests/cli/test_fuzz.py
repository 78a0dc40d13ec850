"""`mockagent fuzz list`: the ids, and one near-miss with its frames."""

import pytest

from mockagent import catalogue
from mockagent.protocol.events import Dialect, Side


def lines(run, *arguments):
    result = run("fuzz", "list", *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def test_every_id_has_a_line_and_what_is_legal_its_reason(run):
    rows = lines(run)
    every = list(catalogue.corpus().near_misses(Dialect.V1))
    assert [row.split("  (legal: ")[0] for row in rows] == [each.id for each in every]
    legal = [row.split("  (legal: ")[1].removesuffix(")") for row in rows if "  (legal: " in row]
    assert legal == [each.legal for each in every if each.legal]
    assert f"{len(every)} near-misses, {len(legal)} of them legal" in run("fuzz", "list").stderr


def test_the_list_is_narrowed_down(run):
    rows = lines(run, "--dialect", "early-access", "--from", "server", "--type", "Welcome", "--kind", "order")
    assert {row.split("#")[0] for row in rows} == {"early-access/server/Welcome"}
    corpus = catalogue.corpus()
    assert len(rows) == len(
        [e for e in corpus.near_misses(Dialect.EARLY_ACCESS, Side.SERVER, "Welcome") if e.kind == "order"]
    )


def test_one_is_shown_with_what_leads_to_it_and_its_exact_frame(run):
    shown = lines(run, "v1/client/UpdatePrompt/prompt#type:null")
    assert shown == [
        "v1/client/UpdatePrompt/prompt#type:null",
        "  type, null at /prompt",
        "  refused at /prompt (type), whatever the tolerance",
        "  the same as: --fault mistyped_field",
        "after:",
        *shown[5:8],
        "the client sends:",
        '  text, 38 bytes: {"type":"UpdatePrompt","prompt":null}'.replace("38", "37"),
    ]
    assert shown[5].startswith('  server: {"type":"Welcome"')
    assert shown[6].startswith('  client: {"type":"Settings"')
    assert shown[7] == '  server: {"type":"SettingsApplied"}'


@pytest.mark.parametrize(
    ("id", "part"),
    [
        ("v1/client/Settings#text:lone-surrogate", "  legal: the grammar of JSON allows it (RFC 8259)"),
        ("v1/client/Settings#frame:mask", "  to be answered with the close code 1002"),
        ("v1/client/Settings/mockagent_unknown#unknown-field", "by a strict server only"),
        ("v1/client/Settings/agent/think/provider(type=groq)/temperature#type:numeric-string", "faithful or strict"),
        ("v1/client/Settings#order:open", "no near-miss named"),
        ("v1/client/Settings#time:never", "  nothing for 10.5 s"),
        ("v1/client/Settings#time:late", "  after 10.5 s, text"),
        ("v1/server/Welcome#time:late", "on the open connection:"),
        ("v1/server/ConversationText#frame:ping-flood", "  … and 981 more such frames"),
        ("v1/client/Settings#frame:reserved-bit", "  text, rsv1, "),
        ("v1/client/Settings#frame:fragmented", "  text, not the last, "),
        ("v1/client/InjectUserMessage#text:8-mb", "xxx …"),
        ("v1/client/InjectUserMessage#frame:overlong-utf-8", "\\xc0\\xaf"),
        ("v1/server/audio#order:user-speaks", "640 bytes: b'\\x00"),
    ],
)  # fmt: skip
def test_what_is_told_of_one(run, id, part):
    result = run("fuzz", "list", id)
    assert part in result.output
    assert result.exit_code == (2 if "no near-miss" in part else 0)


def test_a_huge_one_is_not_printed_in_full(run):
    assert all(len(line) < 3_000 for line in lines(run, "v1/client/InjectUserMessage#text:8-mb"))


def test_an_unknown_id_or_type_is_told_the_nearest(run):
    result = run("fuzz", "list", "v1/client/UpdatePrompt/prompt#type:nul")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "did you mean 'v1/client/UpdatePrompt/prompt#type:null'?" in result.stderr
    result = run("fuzz", "list", "--from", "server", "--type", "Welcom")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "no message of the server in v1 is named 'Welcom'; did you mean 'Welcome'?\n"
