"""Runs in the environment of the containers, once for all tests: importing torch takes seconds.

Standard input: a JSON object a line. `{"load": script, "folder", "model"?}` loads a model as a container does at its
start; `{"body", "contentType"?}` is a request to it; `{"make": folder, "vocabularyOf", "labels", "pairs"}` writes a
tiny cross-encoder of random weights, and scores pairs by the model's own forward, each alone.
Standard output: a line of JSON each; `{"refused": why}` where the script refuses.
"""

import importlib.util
import json
import os
import sys
from types import ModuleType
from typing import Any

import torch
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

SHAPE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}


class Container:
    """The script that was loaded last."""

    def load(self, told: dict[str, Any]) -> dict[str, Any]:
        """`model_fn` of a script, over a folder."""
        os.environ["KOSHA_MODEL"] = told.get("model", "")
        spec = importlib.util.spec_from_file_location("inference", told["load"])
        self.script: ModuleType = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.script)
        self.model = self.script.model_fn(told["folder"])
        return {"window": self.model.window_tokens}

    def answer(self, told: dict[str, Any]) -> dict[str, Any]:
        """A request, through the three other functions."""
        asked = self.script.input_fn(told["body"], told.get("contentType", "application/json"))
        body, _ = self.script.output_fn(self.script.predict_fn(asked, self.model), "application/json")
        return json.loads(body)


def make(told: dict[str, Any]) -> dict[str, Any]:
    """A BERT of two layers over the vocabulary of another model."""
    tokenizer = AutoTokenizer.from_pretrained(told["vocabularyOf"], local_files_only=True)
    tokenizer.model_max_length = 64
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=tokenizer.vocab_size,
        max_position_embeddings=64,
        num_labels=told["labels"],
        initializer_range=0.5,
        **SHAPE,
    )
    model = BertForSequenceClassification(config).eval()
    model.save_pretrained(told["make"])
    tokenizer.save_pretrained(told["make"])
    with torch.no_grad():
        encoded = (tokenizer(*pair, return_tensors="pt", truncation="longest_first") for pair in told["pairs"])
        return {"scores": [model(**one).logits[0, 0].item() for one in encoded]}


def main() -> None:
    """Answer a line at a time."""
    container = Container()
    for line in sys.stdin:
        told = json.loads(line)
        do = container.load if "load" in told else make if "make" in told else container.answer
        try:
            print(json.dumps(do(told)), flush=True)
        except ValueError as error:
            print(json.dumps({"refused": str(error)}), flush=True)


if __name__ == "__main__":
    main()
