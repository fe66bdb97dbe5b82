"""Whether anything that was found has to do with the question."""

import math

from kosha.model.search import Rankings
from kosha.model.workspace import Workspace

# Where one threshold parts questions that a workspace can answer from those about something else, see docs/quality.md.
DEFAULT_THRESHOLD = 0.3


def relevance(rankings: Rankings) -> float:
    """How likely it is, 0..1, that the workspace has something on the question.

    Made of the best cosine and of how much of the question's informative words the best passage covers.
    """
    cosine = rankings.vector[0].score if rankings.vector else None
    covered = coverage(rankings)
    if cosine is None:
        return covered or 0.0
    return _logistic(-6.0 + 8.0 * cosine + 4.0 * (covered if covered is not None else cosine))


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
    return 1 / (1 + math.exp(-value))
