"""Citations: every marker with the words of its passage that bear it out."""

from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from kosha.chat.citations import QUOTE_LIMIT_CHARACTERS, cite, quote
from kosha.model.chunk import Hit


def passage(content: str, *, complement: str | None = None) -> Hit:
    return Hit(
        chunk_id=str(uuid4()),
        document_id=str(uuid4()),
        document_type="qna" if complement else "text",
        title="Handbook",
        path="handbook.md",
        page=4,
        content=content,
        content_complement=complement,
    )


@given(st.lists(st.text(max_size=300), min_size=1, max_size=4), st.text(alphabet="[]1234 days.leave", max_size=80))
def test_every_quote_is_a_part_of_its_passage(contents: list[str], content: str) -> None:
    passages = [passage(text) for text in contents]
    for citation in cite(content, passages):
        hit = passages[citation.marker - 1]
        assert citation.quote in hit.content
        assert len(citation.quote) <= QUOTE_LIMIT_CHARACTERS
        assert citation.chunk_id == hit.chunk_id


def test_the_quote_is_the_sentence_that_says_what_the_answer_says() -> None:
    hit = passage("The office opens at nine. Leave is 25 days a year. Unused days lapse in March.")
    [citation] = cite("Everybody gets 25 days of leave a year [1].", [hit])
    assert citation.quote == "Leave is 25 days a year."
    assert (citation.title, citation.page, citation.document_id) == ("Handbook", 4, hit.document_id)


def test_markers_are_cited_once_in_the_order_they_are_met() -> None:
    passages = [passage("Leave is 25 days."), passage("Trains are booked by the desk.")]
    citations = cite("Trains are booked [2]. Leave is 25 days [1]. Trains again [2].", passages)
    assert [citation.marker for citation in citations] == [2, 1]


def test_neighbouring_markers_share_their_sentence() -> None:
    passages = [passage("It rains. Leave is 25 days."), passage("Leave is 25 days. It snows.")]
    citations = cite("Leave is 25 days [1][2].", passages)
    assert [citation.quote for citation in citations] == ["Leave is 25 days.", "Leave is 25 days."]


def test_a_marker_in_front_of_its_sentence_is_borne_out_by_it() -> None:
    hit = passage("The office opens at nine. Leave is 25 days a year.")
    [citation] = cite("According to [1], leave is 25 days a year.", [hit])
    assert citation.quote == "Leave is 25 days a year."


def test_of_a_question_and_answer_pair_the_answer_is_quoted() -> None:
    [citation] = cite("Room 0.17 [1].", [passage("Who repairs it?", complement="The facility team in room 0.17.")])
    assert citation.quote == "The facility team in room 0.17."


def test_a_number_without_a_passage_is_no_citation() -> None:
    assert cite("As in [7].", [passage("Leave is 25 days.")]) == ()


def test_a_passage_without_sentences_is_quoted_as_it_is() -> None:
    assert quote("   ", "anything") == ""
    assert quote("x" * 500, "anything") == "x" * QUOTE_LIMIT_CHARACTERS
