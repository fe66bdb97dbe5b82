"""A prompt as chat messages, the same for every provider: passages fenced and numbered as the markers name them."""

from kosha.model.chunk import Hit
from kosha.model.prompt import Prompt


def messages(prompt: Prompt) -> list[dict[str, str]]:
    """The prompt as chat messages; passages stand before the question, fenced and numbered as the markers name them."""
    said = [{"role": "system", "content": prompt.system}]
    said += [{"role": utterance.role, "content": utterance.content} for utterance in prompt.history]
    question = prompt.question
    if prompt.passages:
        passages = [_passage(number, hit) for number, hit in enumerate(prompt.passages, 1)]
        question = "\n\n".join([*passages, f"Question: {prompt.question}"])
    return [*said, {"role": "user", "content": question}]


def _passage(number: int, hit: Hit) -> str:
    """One passage in a fence that it cannot close itself."""
    text = f"{hit.content}\n{hit.content_complement}" if hit.content_complement else hit.content
    text = text.replace("</passage", "<\u200b/passage")
    title = hit.title.replace('"', "'").replace("<", "(").replace(">", ")")
    return f'<passage number="{number}" title="{title}">\n{text}\n</passage>'
