"""A prompt as chat messages, the same for every provider: passages fenced and numbered as the markers name them."""

import re

from kosha.model.chunk import Hit
from kosha.model.prompt import Prompt

# What a chat template or a model could take for the end of the fence, for somebody else's turn, or for a citation.
_TAGS = re.compile(
    r"[<\uff1c](?=\s*/?\s*(?:passage|system|user|human|assistant|developer|tool|function|instructions?|question)\b)"
    r"|[<\uff1c](?=\s*/?\s*s\s*>|\s*\|)"
    r"|<(?=<\s*/?\s*SYS)|\[(?=\s*/?\s*INST\s*\])",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"(?im)^([^\S\n]*(?:#{1,6}\s*|\*\*)?(?:system|user|human|assistant|developer|question))(?=(?:\*\*)?\s*[:\uff1a])"
)
_MARKER = re.compile(r"\[(\s*\d{1,3}(?:\s*[,;]\s*\d{1,3})*\s*)\]")
_TURNED = {"<": "\u2039", "\uff1c": "\u2039", "[": "("}


def messages(prompt: Prompt) -> list[dict[str, str]]:
    """The prompt as chat messages; passages stand before the question, fenced and numbered as the markers name them.

    Where they have names they bear these instead.
    """
    said = [{"role": "system", "content": prompt.system}]
    said += [{"role": utterance.role, "content": utterance.content} for utterance in prompt.history]
    question = prompt.question
    if prompt.passages:
        signs = [f'name="{name}"' for name in prompt.names] or _numbers(len(prompt.passages))
        passages = [_passage(sign, hit) for sign, hit in zip(signs, prompt.passages, strict=True)]
        question = "\n\n".join([*passages, f"Question: {prompt.question}"])
    if prompt.standalone:
        question += f"\n(As it is meant after the conversation: {prompt.standalone})"
    return [*said, {"role": "user", "content": question}]


def _numbers(count: int) -> list[str]:
    return [f'number="{number}"' for number in range(1, count + 1)]


def _passage(sign: str, hit: Hit) -> str:
    """One passage in a fence that it cannot close itself."""
    text = f"{hit.content}\n{hit.content_complement}" if hit.content_complement else hit.content
    title = " ".join(hit.title.split()).replace('"', "'").replace("<", "(").replace(">", ")")
    return f'<passage {sign} title="{as_material(title)}">\n{as_material(text)}\n</passage>'


def as_material(text: str) -> str:
    """The text of a document so that nothing in it reads as a tag, a turn of the conversation or a citation of ours."""
    text = _MARKER.sub(r"(\1)", text)
    if any(mark in text for mark in _TURNED):  # a fifth of the time of looking for tags where there can be none
        text = _TAGS.sub(lambda match: _TURNED[match[0]], text)
    return _ROLE.sub("\\1\u200b", text)
