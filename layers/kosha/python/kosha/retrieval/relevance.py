"""Whether anything that was found has to do with the question."""

from math import exp, log10

from kosha.model.search import Rankings
from kosha.model.workspace import Workspace

# Logistic regressions on questions of a collection against questions of other collections, every collection weighing
# the same: SciFact, NPL, XQuAD (English) and the committed gold set, 32 to 11,429 chunks, cosines of all-MiniLM-L6-v2.
# At this threshold 98.9 % of the former are answered and 97.7 % of the latter refused; Spanish, German and Chinese
# collections, which the fit has not seen: 99.9 % and 97.6 % (docs/quality.md). By words alone 97.5 % and 90.6 %.
DEFAULT_THRESHOLD = 0.4
_BIAS, _PER_COSINE, _PER_COVERAGE, _PER_TENFOLD = -4.14, 20.28, 4.63, -1.82
_WORDS_BIAS, _WORDS_PER_COVERAGE, _WORDS_PER_TENFOLD = -0.90, 8.98, -0.86
_CHUNKS_LIMIT = 20_000  # the fit has seen no more
_UNKNOWN_COVERAGE = 0.5


def relevance(rankings: Rankings, *, by_words: bool = False) -> float:
    """How likely it is, 0..1, that the workspace has something on the question.

    by_words: its words alone tell, as of a code, whose vector is near that of any other code.
    The more chunks there are, the nearer comes the nearest by chance: what is asked of the best cosine grows with them.
    """
    covered = coverage(rankings)
    tenfolds = log10(min(max(rankings.chunks, 1), _CHUNKS_LIMIT))
    if rankings.vector and not by_words:
        known = _UNKNOWN_COVERAGE if covered is None else covered
        cosine = rankings.vector[0].score
        return _logistic(_BIAS + _PER_COSINE * cosine + _PER_COVERAGE * known + _PER_TENFOLD * tenfolds)
    if not covered:
        return 0.0
    return _logistic(_WORDS_BIAS + _WORDS_PER_COVERAGE * covered + _WORDS_PER_TENFOLD * tenfolds)


def threshold_of(workspace: Workspace) -> float:
    """Below this relevance a search finds nothing: the workspace's own, or ours."""
    chosen = workspace.retrieval.threshold
    return DEFAULT_THRESHOLD if chosen is None else chosen


def coverage(rankings: Rankings) -> float | None:
    """The share of the question's words, weighted by rarity, that one passage has; None where no word counts."""
    if rankings.keyword_full <= 0:
        return None
    return min(1.0, rankings.keyword[0].score / rankings.keyword_full) if rankings.keyword else 0.0


def _logistic(value: float) -> float:
    return 1 / (1 + exp(-value))
