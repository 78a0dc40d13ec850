"""What a faithful server answers to each near-miss, by the requirements alone: the oracle of the corpus test.

An answer is the verdict, and for a refusal the code of the Error, or that of the close frame where there is none.
"""

from mockagent import catalogue
from mockagent.fuzz.near_miss import Kind
from mockagent.protocol.events import Tolerance

SURVIVED = "survived"
TOO_BIG = "closed with 1009"
CLOSED = "closed with 1000"
OVERSIZE = ("#text:8-mb", "#frame:many-megabytes", "#audio:over-a-mebibyte")
NO_UTF_8 = 1007


def error(requirement):
    """The Error that the requirement has a breach answered with."""
    return f"Error {catalogue.requirements()[requirement].refusal.code}"


def answers(near_miss):
    """Every answer that would be right."""
    if near_miss.id.endswith(OVERSIZE):
        return {TOO_BIG}
    return {
        Kind.SCHEMA: of_schema,
        Kind.TEXT: lambda each: {SURVIVED} if each.legal else {error("MSG-001"), error("MSG-002")},
        Kind.FRAME: of_frame,
        Kind.ORDER: of_order,
        Kind.TIME: of_time,
        Kind.AUDIO: lambda each: {SURVIVED},
    }[near_miss.kind](near_miss)


def of_schema(near_miss):
    if "think_live" in near_miss.pointer or near_miss.type == "UpdateThink_Live":
        return {error("MSG-010")}  # invite-only, and nobody is invited
    if near_miss.refused_from is not None and near_miss.refused_from <= Tolerance.FAITHFUL:
        return {error("MSG-003"), error("MSG-001"), error("MSG-002")}
    possible = {SURVIVED}
    if near_miss.type == "Settings" and near_miss.pointer.startswith("/audio"):
        possible |= {error("SET-004"), "Error FAILED_TO_SPEAK"}  # a form that is right, and cannot be done
    return possible


def of_frame(near_miss):
    detail = near_miss.id.partition("#frame:")[2]
    if detail == "text-as-binary":  # which is audio
        return {error("SET-002")} if near_miss.type == "Settings" else {SURVIVED}
    if near_miss.close_code == NO_UTF_8 and detail != "close-reason":
        return {error("MSG-001")}  # what the service says of a text that is none, rather than 1007
    if near_miss.close_code is not None:
        return {f"closed with {near_miss.close_code}"}
    return {SURVIVED} if near_miss.legal else {error("MSG-001")}


def of_order(near_miss):
    state = near_miss.id.partition("#order:")[2]
    if state == "closed":
        return {CLOSED}
    if state == "failed":
        return {"Error INTERNAL_SERVER_ERROR"}
    if state in ("open", "welcomed"):
        if near_miss.type == "UpdateThink_Live":
            return {error("MSG-010")}
        return {error("SET-001")} if near_miss.type else {error("SET-002")}
    return {error("SET-003")} if near_miss.type == "Settings" else {SURVIVED}


def of_time(near_miss):
    what, _, when = near_miss.id.rpartition("#time:")
    type = what.rpartition("/")[2]
    if when == "after-error":
        return {"Error INTERNAL_SERVER_ERROR"}
    if when in ("late", "never"):
        return {
            "Settings": {error("LIV-001")},
            "KeepAlive": {error("LIV-002")},
            # Nobody is told that the answer to a call is late: the agent says that it could not be had.
            "FunctionCallResponse": {SURVIVED},
        }[type]
    return {SURVIVED}


def answer(outcome):
    """The answer that came, in the same words."""
    if outcome.verdict == "refused":
        return outcome.detail.removesuffix(", closed with 1005")
    return outcome.detail if outcome.detail.startswith("Error ") else outcome.verdict.value
