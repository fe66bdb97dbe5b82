"""A question that leans on what was said before it, told apart and completed by rules, without a model."""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from kosha.model.prompt import Utterance
from kosha.retrieval.small_words import POINTERS

# Weights beside 1 of the question itself, and how much of an answer says what it was about: chosen on every other
# conversation of MT-RAG, checked on the rest (docs/quality.md, "Follow-up questions").
QUESTION_WEIGHT = 0.4
ANSWER_WEIGHT = 0.4
ANSWER_CHARACTERS = 300
_FRAGMENT_WORDS = 3  # hardly a sentence
_FRAGMENT_CHARACTERS = 5  # the same where a script has no spaces

Leaning = Literal["alone", "leaning"]

# Words that point back only in some places: `it` is nothing in `is it allowed to`, `that` joins clauses.
_POINTING = re.compile(
    r"""(?ix) \bit\b (?!\s+(?:possible|allowed|permitted|ok(?:ay)?|necessary|required|mandatory|legal|safe|worth|true|
        better|important|common|normal|takes?|department)\b)
    | \b(?:about|of|for|with|after|before|like|by|from|on|in|to|do|does|did|is|was|are|can|could|would|at|than|and|but)
        \s
        (?:this|that)\b(?=\s*(?:$|[?.,!;]|is|mean|work|happen|include|apply|also|too|still|cost|take|one|case|same))
    | ^(?:this|that)\b | \b(?:this|that)\s*[?.!]*$ | \b(?:the\s+same|such|which\s+ones?|another\s+one|other\s+one)\b
    | \bthere\s*[?.!]*$ | \bthis\s+(?:one|case|thing)\b
    | \b(?:das|es|sie|die|er|da)\s*[?.!]*$ | \b(?:là|y|en\s+a)\s*[?.!]*$ | \b(?:lo|la|los|las|este|esta)\s*[?.!]*$
    | \b(?:det|den|der|dat|die|daar)\s*[?.!]*$
    """
)
_UNSPACED_POINTERS = re.compile("これ|それ|あれ|この|その|彼女?|そこ|ここ|它|[他她]们?|这|那|그것|이것|저것")
_GOES_ON = re.compile(
    r"""(?ix) ^(?:and|but|or|so|then|also|else|more|others?|why\s*[?!]*$|how\s+come|which\s*[?!]*$|
    (?:what|how)\s+(?:about|if|else)|anything|any\s+(?:other|more)|tell\s+me\s+more|in\s+that\s+case|by\s+the\s+way|btw|
    und|oder|aber|auch|dann|sonst|warum\s*[?!]*$|wieso\s*[?!]*$|noch|was\s+ist\s+mit|wie\s+(?:sieht|steht)\s+es|
    et|mais|ou|aussi|alors|pourquoi\s*[?!]*$|y|pero|también|entonces|ma|anche|allora|mas|também|então|maar|ook|
    а|но|или|тоже)\b"""
)
# Asks for somebody, something, a place or a time, with a verb and its object: short, but whole.
_WHOLE = re.compile(
    r"""(?ix) ^¿?(?:who|what|where|when|wer|was|wo|wann|qui|que|où|quand|quién|qué|dónde|cuándo|chi|cosa|dove|quando|
    wat|waar|wanneer|quem|onde|кто|что|где|когда)\s+\w+\s+\w+\s*[?？]"""
)
_WORD = re.compile(r"\w+(?:['’]\w+)?")
_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")


class Query(NamedTuple):
    """A text that is searched, and how much what it finds weighs beside what others find.

    judged: whether it may be the one that a workspace has something on; the others only change the order.
    """

    text: str
    weight: float = 1.0
    judged: bool = True


def leaning(question: str) -> Leaning:
    """Whether a question needs what was said before it.

    "leaning": it points back, goes on, or is no more than a fragment. "alone": it says itself what it is about, or is a
    short sentence, which may lean all the same: two more searches for each of those cost three times a turn's work.
    """
    if _UNSPACED.search(question):
        if _UNSPACED_POINTERS.search(question):
            return "leaning"
        size = len("".join(_WORD.findall(question)))
        return "leaning" if size <= _FRAGMENT_CHARACTERS else "alone"
    words = [word.casefold() for word in _WORD.findall(question)]
    text = question.strip()
    points_back = any(word in POINTERS for word in words) or _POINTING.search(text) or _GOES_ON.match(text)
    is_fragment = len(words) <= _FRAGMENT_WORDS and _WHOLE.match(text) is None
    return "leaning" if points_back or is_fragment else "alone"


def carried(question: str, history: Sequence[Utterance]) -> tuple[Query, ...]:
    """The question, and beside it the same with what was asked last and with how that was answered.

    history: oldest first. Without a question in it there is nothing to carry over. Only a question that leans is judged
    by what was said before: a short one may be about something else, of which nothing is to be found.
    """
    asked = _latest(history, "user")
    if asked is None:
        return (Query(question),)
    leans = leaning(question) == "leaning"
    queries = [Query(question), Query(f"{asked} {question}", QUESTION_WEIGHT, judged=leans)]
    if answered := _latest(history, "assistant"):
        text = f"{asked} {answered[:ANSWER_CHARACTERS]} {question}"
        queries.append(Query(text, ANSWER_WEIGHT, judged=leans))
    return tuple(queries)


def _latest(history: Sequence[Utterance], role: str) -> str | None:
    return next((said.content.strip() for said in reversed(history) if said.role == role), None)
