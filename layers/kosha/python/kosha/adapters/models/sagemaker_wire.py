"""What chat containers on SageMaker are sent and send: the messages API of TGI and vLLM, and JumpStart's payloads.

Sources: Hugging Face TGI, "Messages API"; SageMaker JumpStart, "text generation" payloads; 2026-11.
"""

import json
from typing import Any, Literal

from kosha.adapters.models import openai_wire
from kosha.adapters.models.replies import as_object, first
from kosha.errors import ModelUnavailable
from kosha.model.prompt import ModelInfo, Piece, Usage

Payload = Literal["messages", "jumpstart"]
_FINISH_REASONS: dict[str, Literal["end", "length"]] = {"length": "length"}
_NOTHING = Piece()

# How a prompt in one text marks who speaks: (before, after) each utterance, and what invites the answer.
_TEMPLATES: dict[str, tuple[str, str, str]] = {
    "plain": ("{role}: ", "\n\n", "assistant:"),
    "chatml": ("<|im_start|>{role}\n", "<|im_end|>\n", "<|im_start|>assistant\n"),
    "llama3": (
        "<|start_header_id|>{role}<|end_header_id|>\n\n",
        "<|eot_id|>",
        "<|start_header_id|>assistant<|end_header_id|>\n\n",
    ),
    "mistral": ("[INST] ", " [/INST]", ""),
}


def body(payload: Payload, template: str, said: list[dict[str, Any]], told: dict[str, Any], *, streams: bool) -> bytes:
    """What is posted. told: max_tokens, and temperature and top_p where the model takes them."""
    if payload == "messages":
        asked: dict[str, Any] = {"messages": said, "stream": streams, **told}
        if streams:
            asked["stream_options"] = {"include_usage": True}
    else:
        parameters = {name: value for name, value in told.items() if name != "max_tokens"}
        parameters |= {"max_new_tokens": told["max_tokens"], "return_full_text": False, "details": True}
        # These servers refuse the ends of both ranges, which mean "the likeliest word" and "every word".
        parameters["do_sample"] = bool(parameters.get("temperature"))
        parameters = {name: value for name, value in parameters.items() if (name, value) not in _REFUSED}
        asked = {"inputs": one_text(template, said), "parameters": parameters, "stream": streams}
    return json.dumps(asked).encode()


_REFUSED = (("temperature", 0.0), ("top_p", 1.0), ("top_p", 0.0))


def one_text(template: str, said: list[dict[str, Any]]) -> str:
    """A conversation as the one text that a model without a messages API continues."""
    before, after, invitation = _TEMPLATES[template]
    if template == "mistral":  # it knows no system: that stands before the first question
        system, first, *rest = said
        said = [{"role": "user", "content": f"{system['content']}\n\n{first['content']}"}, *rest]
        parts = [
            f" {_inert(one['content'])}</s>" if one["role"] == "assistant" else before + _inert(one["content"]) + after
            for one in said
        ]
        return "".join(parts)
    return "".join(before.format(role=one["role"]) + _inert(one["content"]) + after for one in said) + invitation


def line(payload: Payload, info: ModelInfo, data: bytes) -> Piece:
    """What one line of a stream brings; with or without `data:` before it. Raises ModelUnavailable."""
    data = data.strip().removeprefix(b"data:").strip()
    if not data or data == openai_wire.DONE or data.startswith(b":"):
        return _NOTHING
    if payload == "messages":
        return openai_wire.piece(info, data)
    told = as_object(json.loads(data))
    if not told or told.get("error"):
        raise ModelUnavailable(f"{info.label} failed in the middle of its answer: {data[:200]!r}. Try again.")
    token, details = as_object(told.get("token")), told.get("details")
    text = "" if token.get("special") else token.get("text") or ""
    is_last = told.get("generated_text") is not None or details
    return Piece(text=text, stop_reason=_reason(details) if is_last else None, usage=_usage(details))


def whole(payload: Payload, info: ModelInfo, data: bytes) -> Piece:
    """An answer that came in one reply. Raises ModelUnavailable where it is none."""
    told = json.loads(data)
    if payload == "messages":
        return openai_wire.whole(info, told)
    answer = as_object(first(told))
    if "generated_text" not in answer:
        raise ModelUnavailable(f"{info.label} sent what is no answer: {data[:80]!r}. Try again.")
    details = answer.get("details")
    return Piece(text=answer["generated_text"], stop_reason=_reason(details), usage=_usage(details))


def _reason(details: dict[str, Any] | None) -> Literal["end", "length"]:
    return _FINISH_REASONS.get((details or {}).get("finish_reason") or "", "end")


def _usage(details: dict[str, Any] | None) -> Usage | None:
    """The count of what was made, where it came; what was read is counted by its tokens, where they came."""
    if not details or details.get("generated_tokens") is None:
        return None
    return Usage(input_tokens=len(details.get("prefill") or ()), output_tokens=details["generated_tokens"])


def _inert(text: str) -> str:
    """A document or a person cannot speak for another: their marks are broken up."""
    for mark in ("<|", "[INST]", "[/INST]", "</s>"):
        text = text.replace(mark, mark[0] + "\u200b" + mark[1:])
    return text
