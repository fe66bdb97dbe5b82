"""Plain BM25 by bm25s, in a venv of its own: a task as JSON from standard input, rankings as JSON to standard output.

The task: {"texts": {id: text}, "questions": {id: text}, "language": ISO 639-1}; the rankings: {question: [id, ...]}.
Chinese is cut into its characters, since bm25s knows words only.
"""

import json
import sys

import bm25s  # pyright: ignore[reportMissingImports]  # in .venv-bench
import Stemmer  # pyright: ignore[reportMissingImports]

_STEMMERS = {"en": "english", "de": "german", "es": "spanish", "fr": "french", "it": "italian"}
_DEPTH = 100


def main() -> None:
    """Rank."""
    task = json.load(sys.stdin)
    language = task["language"]
    stemmer = Stemmer.Stemmer(_STEMMERS[language]) if language in _STEMMERS else None
    # bm25s knows the stop words of these languages by their codes; of others it leaves every word.
    stop_words = language if language in _STEMMERS else []

    def cut(texts: list[str]) -> object:
        spaced = texts if stemmer else [" ".join(text) for text in texts]
        # The pattern keeps words of one character, which bm25s would drop.
        pattern = {} if stemmer else {"token_pattern": r"(?u)\w"}
        return bm25s.tokenize(spaced, stopwords=stop_words, stemmer=stemmer, show_progress=False, **pattern)

    ids = list(task["texts"])
    index = bm25s.BM25()
    index.index(cut([task["texts"][text_id] for text_id in ids]), show_progress=False)
    asked = cut(list(task["questions"].values()))
    found, _ = index.retrieve(asked, k=min(_DEPTH, len(ids)), show_progress=False)
    rankings = {
        question: [ids[place] for place in row] for question, row in zip(task["questions"], found.tolist(), strict=True)
    }
    json.dump(rankings, sys.stdout)


if __name__ == "__main__":
    main()
