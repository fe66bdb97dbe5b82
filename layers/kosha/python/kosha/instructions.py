"""Text that reads like an order to a language model: a short list of patterns, each of which can be explained.

It marks what a person should look at, and what no model is asked to put in order or to shorten. It cannot find
everything, and nothing depends on it: passages are given to a model as data whether they are marked or not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# What an order is to be put out of force. Each language: verbs, then what is meant, at most a few words apart.
_EN_FORGET = (
    r"\b(?:ignore|disregard|forget|override|bypass|abandon|do not follow|don't follow|stop following)\b"
    r"(?: (?:about|all|any|every|everything|of|the|these|those|your|my|our|other|and|or|please|that|were|is)){0,5}"
)
_EN_BEFORE = r"(?:previous|prior|above|preceding|earlier|former|initial|original|existing|system|provided|foregoing)"
_EN_ORDERS = (
    r"(?:instruct\w+|prompts?|commands?|orders?|directions?|directives?|rules|guidelines?|tasks?|assignments?|context|"
    r"constraints|documents|articles|thoughts|training|programming|conversation|information|text)"
)
_GAP = r"[\s,:\"'“”(\[-]{1,4}"


@dataclass(frozen=True, slots=True)
class _Rule:
    """stems: one of them, lower case, is in every text that `pattern` finds: looking for them is quick."""

    stems: tuple[str, ...]
    pattern: re.Pattern[str]
    only_hidden: bool = False


def _rule(stems: str, pattern: str, *, only_hidden: bool = False) -> _Rule:
    return _Rule(tuple(stems.split("|")), re.compile(pattern, re.I), only_hidden)


_RULES = (
    # Put earlier orders out of force
    _rule(
        "ignore|disregard|forget|override|bypass|abandon|follow|your instructions|your rules",
        rf"{_EN_FORGET} {_EN_BEFORE}(?: {_EN_BEFORE})?(?:{_GAP}\w+){{0,3}}?{_GAP}{_EN_ORDERS}\b"
        rf"|{_EN_FORGET} (?:your|all|my) (?:\w+ )?(?:instruct\w+|prompts?|rules|guidelines|orders|assignments|tasks)\b"
        r"|\b(?:forget|ignore|disregard) (?:about )?(?:(?:every|any)thing|all)(?: that)?,? "
        r"(?:before|above|else|you (?:know\b|have been told|were told)|"
        r"(?:i|we)(?:'ve| have)? (?:said|told|talked|discussed)|"
        r"(?:and |just |then |to )*(?:say|tell|write|answer|output|print))\b"
        r"|\b(?:forget|ignore|disregard) what (?:(?:is|was) )?(?:written |said )?"
        r"(?:before|above|you (?:have been|were) told)\b"
        r"|\bignore (?:all )?(?:of )?(?:the )?above\b|\b(?:drop|change|ignore|forget) (?:all )?your "
        r"(?:directions|instructions|rules|guidelines)\b",
    ),
    _rule(
        "ignorier|vergiss|vergessen|missacht|ignoriere|beachte",
        r"\b(?:ignorier\w*|vergiss|vergessen sie|missachte\w*|beachte\w* nicht)\b(?: \w+){0,4} "
        r"(?:anweisung\w*|instruktion\w*|befehle?\w*|regeln|vorgaben|aufträge\w*|aufgaben|anordnung\w*|prompts?)\b"
        r"|\b(?:vergiss|ignoriere?) alles\b(?: gesagte)?(?:,| und| davor| bisherige| vorherige| was)"
        r"|\b(?:obigen?|vorherigen?)(?: \w+)? (?:zu )?ignorieren\b"
        r"|\bignorieren sie (?:das|die|alles) (?:obige|vorherige)"
        r"|\babweichend (?:zu|von) (?:den )?(?:vorherigen|bisherigen|obigen) (?:instruktionen|anweisungen)",
    ),
    _rule(
        "ignora|ignore|olvid|oubli|dimentica|esque",
        r"\b(?:olvid[ae]|oubliez|dimentica|ignor[ae]) (?:todo|tout|tutto|tudo) (?:lo |ce |quello |o )?"
        r"(?:que|che|qui)\b|"
        r"\b(?:ignor(?:a|e|ez|er|i|en)|olvid[ae]n?|oubli(?:e|ez|er)|dimentica(?:re)?|esque[cç]\w+)\b"
        r"(?: \S+){0,4} (?:instruc\w+|instruccion\w*|istruzion\w*|consignes|indicaciones|órdenes|ordres|regras|règles"
        r")\b",
    ),
    _rule("negeer|vergeet", r"\b(?:negeer|vergeet)\b(?: \w+){0,4} (?:instructies|opdrachten|aanwijzingen|regels)\b"),
    _rule("zaboravi|ignor", r"\b(?:zaboravi|ignoriraj)\w*(?: \w+){0,3} instrukcij\w*"),
    _rule(
        "игнорир|забуд",
        r"(?:игнорируй\w*|проигнорируй\w*|забудь\w*)(?: \w+){0,4} (?:инструкци\w*|указани\w*|команд\w*|правил\w*)",
    ),
    _rule(
        "忽略|忽视|无视|忘记|忽視|無視",
        r"(?:忽略|忽视|无视|忘记|忽視|無視).{0,12}(?:指令|指示|说明|提示|規則|规则|要求|命令)",
    ),
    _rule("無視|忘れ", r"(?:指示|命令|プロンプト|指令|ルール).{0,8}(?:無視|忘れ)"),
    # Give a new rôle or new orders
    _rule(
        "new instruction|new task|new order|new prompt|neue anweisung|neuen anweisung|neue aufgabe|neuen aufgabe",
        r"\b(?:(?:here|these|following) (?:are|is|come\w*)|now (?:comes?|follow\w*)|your|a) "
        r"(?:\w+ )?new (?:\w+ )?(?:instructions?|orders|prompt)\b"
        r"|\bnew (?:system )?(?:instructions?|prompt|orders?)(?: for you| follow\w*)?\s*:"
        r"|\b(?:focus|concentrate)(?: only)? on (?:your|the) new task"
        r"|\bnew (?:tasks?|instructions) follow\b"
        r"|\bneuen? (?:anweisungen|aufgabe)\b(?: \w+){0,2}(?:\s*:| um\b)|\b(?:deine|die) neuen? aufgabe\b"
        r"|\bfolgen (?:dir )?neue anweisungen\b",
    ),
    _rule(
        "act as|fungieren|pretend|from now on|you are now|jailbreak|do anything now|developer mode",
        r"\bI want you to (?:only )?act as\b"
        r"|\bfrom now on,? (?:you (?:are|will (?:only|act|answer|respond|be)|act|answer|must answer)|"
        r"answer|respond|reply|act)\b"
        r"|\byou are now (?:an? |in |the )?(?:\w+ )?(?:ai|assistant|model|mode|unrestricted|dan|free|chatbot)\b"
        r"|\b(?:ich möchte|möchte ich), dass (?:du|sie)\b.{0,60}\bfungier|\bdo anything now\b|\bDAN mode\b"
        r"|\bpretend (?:to be|you are|that you are) an? (?:\w+ )?(?:ai|model|assistant|unrestricted)",
    ),
    # Fetch what is secret
    _rule(
        "prompt|initial instructions|instructions",
        r"\b(?:reveal|show|print|repeat|output|display|tell|leak|expose|spell-? ?check)\b(?: \w+){0,3} "
        r"(?:(?:your|all|the|this|above|full|system|initial|hidden|secret|entire|complete|me)\b ?){1,4}"
        r"(?:prompts?|(?:system|initial|hidden|secret|original) instructions)\b"
        r"|\b(?:zeige?|wiederhole|gib)\b.{0,30}\bprompt-?\s?texte?\b",
    ),
    # Tell a model what to say
    _rule(
        "instead",
        r"\b(?:and|but)? ?instead,? (?:please )?(?:only )?(?:say|output|respond|reply|answer|tell|write|print)\b"
        r"(?= (?:with|that|only|me|the (?:user|translation)|[\"“'A-Z]))",
    ),
    _rule(
        "do not tell|don't tell|do not mention|do not reveal|do not inform|without telling",
        r"\b(?:do not|don't|never|without) (?:tell|telling|mention|reveal|inform|informing|alert)(?:ing)? "
        r"(?:this |it |anything )?(?:to )?the user\b",
    ),
    _rule(
        "assistant|language model|llm|chatbot| ai |if you are an ai",
        r"\b(?:attention|note|message|instructions?|notice|important|hey|dear|memo)[,:]? (?:to|for) "
        r"(?:all |any |the |an? )?(?:ai|llms?|language models?|chatbots?|(?:ai )?assistants?)\b"
        r"|\bif you are an? (?:ai|llm|(?:large )?language model|(?:ai )?assistant|chatbot)\b"
        r"|\b(?:ai|llm|assistant|language model)s?(?: \w+){0,3} (?:must|should|shall|have to) "
        r"(?:always |now |only )?(?:say|answer|respond|recommend|reply|rate|ignore|praise|tell)\b",
    ),
    # Marks of a chat's own format
    _rule(
        "im_start|[inst]|<<sys|begin_of_text|start_header|system:|system prompt|system_prompt",
        r"<\|(?:im_start|start_header_id|begin_of_text|system|endoftext)\|>|\[/?INST\]|<<SYS>>"
        r"|(?m:^\W{0,6}(?:system|assistant)(?: prompt| message| override)?:\s*you (?:are|must|will)\b)",
    ),
    # Only where nobody sees it: an order at all
    _rule(
        "ignore|instruct|prompt|must|answer|respond|reply|always|never|please|recommend|praise|rate|forget|summar|"
        "assistant|anweisung|antworte|send|click",
        r"\b(?:ignore|disregard|forget|always|never)\b.{0,60}\b(?:instruct\w*|question|answer|user|respond|say|mention|"
        r"recommend\w*)\b"
        r"|\b(?:answer|respond|reply|summari[sz]e|recommend|praise|rate|say|tell|write|output|print|send|transfer)\b"
        r".{0,60}\b(?:user|candidate|applicant|paper|positive\w*|best|highest|instead|only|email|password|http\S*|"
        r"account|instructions?)\b"
        r"|\b(?:system prompt|instructions?:|as an ai|language model|llm|chatgpt)\b"
        r"|\b(?:antworte|ignoriere|schreibe|empfiehl)\b",
        only_hidden=True,
    ),
)  # fmt: skip
_SHOWN_AFTER = 100
_NEAR_BEFORE, _NEAR_AFTER = 120, 300  # characters around a stem that a pattern may take


def found_in(text: str, *, hidden: bool = False) -> str | None:
    """The words from which on a text reads like an order to a language model; None where it does not.

    hidden: nobody is meant to see the text, so less is needed.
    """
    lower = text.lower()
    first: re.Match[str] | None = None
    for rule in _RULES:
        if rule.only_hidden and not hidden:
            continue
        for start, end in _windows(rule, lower, len(text)):
            found = rule.pattern.search(text, start, end)
            if found:
                first = found if first is None or found.start() < first.start() else first
                break
    return " ".join(text[first.start() : first.end() + _SHOWN_AFTER].split()) if first else None


def _windows(rule: _Rule, lower: str, length: int) -> Iterator[tuple[int, int]]:
    """Where in a text the rule's pattern may be found: around its stems, from the beginning on."""
    if len(lower) != length:  # a letter became two: positions do not agree
        yield 0, length
        return
    places = sorted(place for stem in rule.stems for place in _places(stem, lower))
    start = end = 0
    for place in places:
        if place - _NEAR_BEFORE > end and end:
            yield start, end
            start = end = 0
        start, end = (start if end else max(0, place - _NEAR_BEFORE)), min(length, place + _NEAR_AFTER)
    if end:
        yield start, end


def _places(stem: str, lower: str) -> Iterator[int]:
    place = lower.find(stem)
    while place >= 0:
        yield place
        place = lower.find(stem, place + len(stem))
