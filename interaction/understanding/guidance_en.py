"""The parts of a guide in English. Tables."""

from __future__ import annotations

import re

from interaction.understanding.actions_en import do, frames
from interaction.understanding.conditions_en import conditions
from interaction.understanding.grammar import Action, Part, Situation, compiled, expand
from interaction.understanding.guidance import split
from interaction.understanding.speech_en import tidy
from interaction.understanding.times import duration
from interaction.understanding.vocabulary_en import FRAGMENTS, to_you

_THROUGH = r"through(?: [\w' -]{2,60}?)?"
_LEAD = re.compile(
    rf"(?:(?:guide|coach|instruct) me(?: {_THROUGH}| along)?(?:,? step by step)?|(?:walk|talk|take|lead) me {_THROUGH}"
    r"|(?:here|these) are (?:the|my) (?:steps|instructions)|step by step|(?:follow|go through) "
    r"(?:these|the|my) (?:steps|instructions)(?: with me)?)"
    r"(?:\s*[:,.;-]\s*|\s+(?=(?:first|when|wait|tell|step (?:one|1))\b)|$)",
    re.IGNORECASE,
)
_NTH = r"(?:first(?:ly)?|second(?:ly)?|third(?:ly)?|fourth(?:ly)?|fifth(?:ly)?|next|finally|lastly|at last|last)"
_JOINTS = re.compile(
    rf"(?:[,.;]\s*|\s+)(?:and\s+)?(?:then|after (?:that|this)|afterwards)\b[,:]?\s*"
    rf"|^{_NTH}\b[,:]?\s+|[.;]\s+(?:and\s+)?(?:{_NTH}\b[,:]?\s+)?|,\s*(?:and\s+)?{_NTH}\b[,:]?\s+"
    r"|\s+and\s+(?:finally|lastly)\b[,:]?\s+"
    r"|(?:^|[,.;]\s*)step\s+(?:\d{1,2}|one|two|three|four|five|six)\s*:\s+(?=[a-z])"
    r"|(?:^|[,.;]\s*|(?<!step)\s+)\d{1,2}[.)]\s+(?=[a-z])",
    re.IGNORECASE,
)
_DUR = r"(?P<dur>{dur})"
_WAIT = compiled(
    expand(
        r"(?:(?:wait|pause|hold on|give it|leave it|let it (?:sit|rest|stand|cook|dry|cool))(?: for)?(?: about)? "
        rf"{_DUR}"
        rf"|(?:after|in) (?:about )?{_DUR.replace('dur>', 'dur_>')}|{_DUR.replace('dur>', 'dur__>')} later)"
        r"(?:,? (?:and |then )*(?P<do>.+))?",
        FRAGMENTS,
    )
)
_LATER = compiled(
    expand(rf"(?P<do>.+?),? (?:after|in) (?:about )?{_DUR}|(?P<do_>.+?),? (?P<dur_>{{dur}}) later", FRAGMENTS)
)
_UNTIL = re.compile(r"^(?:wait|hold on) (?:until|till|for when)\b", re.IGNORECASE)
_WHEN = compiled(expand(r"{when} (?P<condition>.+)", FRAGMENTS))
_TELL = re.compile(r"(?:please )?(?:tell|remind) me(?: to| that)? ", re.IGNORECASE)


def guide(text: str) -> list[str] | None:
    lead = _LEAD.match(text)
    return None if lead is None else split(text[lead.end() :], _JOINTS)


def part(text: str, situation: Situation) -> Part:
    text = _UNTIL.sub("when", tidy(text)[0] or text)
    if (match := _WAIT.fullmatch(text)) and (
        seconds := duration(match["dur"] or match["dur_"] or match["dur__"])
    ) is not None:
        return Part(after=seconds, action=_action(match["do"], situation) if match["do"] else None)
    if (match := _LATER.fullmatch(text)) and (seconds := duration(match["dur"] or match["dur_"])) is not None:
        return Part(after=seconds, action=_action(match["do"] or match["do_"], situation))
    read = [frame for frame in frames(text, situation) if frame.condition]
    known = next((frame for frame in read if conditions(frame.condition, situation)), read[0] if read else None)
    if known:
        action = known.action
        return Part(known.condition, action=Action(say=to_you(action.hands)) if action.hands else action)
    if match := _WHEN.fullmatch(text):
        condition, comma, rest = match["condition"].rpartition(", ")
        if comma and conditions(condition, situation):
            return Part(condition, action=_action(rest, situation))
        return Part(match["condition"])
    return Part(action=_action(text, situation))


def _action(words: str, situation: Situation) -> Action:
    """What to tell: "tell me to close the lid", or the instruction itself."""
    action = do(words, situation)
    if action and (action.say or action.ask) and not action.hands:
        return action
    return Action(say=to_you(_TELL.sub("", words)))
