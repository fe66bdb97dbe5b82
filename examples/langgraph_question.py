"""A graph of your own over Kosha's documents: it looks for passages, answers from them, and keeps what was said.

    pip install 'kosha[langchain]' langgraph
    kosha serve                             # in another terminal; the database runs as long as it does
    python examples/langgraph_question.py --data .kosha --user admin --workspace Guide "How do I add a document?"

The model is any server that speaks OpenAI's API: OPENAI_BASE_URL and OPENAI_API_KEY say where it is.
"""

import argparse
from pathlib import Path
from typing import Any, TypedDict
from uuid import uuid4

from langchain_core.documents import Document
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langgraph.graph import END, START, StateGraph

from kosha.agents import SessionHistory, WorkspaceRetriever
from kosha.model.page import PageOf
from kosha.model.user import Caller
from kosha.wiring.local import LocalPorts
from kosha.wiring.settings import Settings

SYSTEM = "Answer from the passages alone and name them as [1], [2]. Say so where they do not tell."


class State(TypedDict, total=False):
    """What goes through the graph."""

    question: str
    passages: list[Document]
    answer: str


def build(retriever: WorkspaceRetriever, history: SessionHistory, model: BaseChatModel) -> Any:
    """The graph: retrieve -> (answer | give up)."""

    def retrieve(state: State) -> State:
        return {"passages": retriever.invoke(state["question"])}

    def answer(state: State) -> State:
        asked = HumanMessage(content=state["question"])
        said: list[BaseMessage] = [SystemMessage(content=SYSTEM), *history.messages, _grounded(state)]
        reply = model.invoke(said)
        history.add_messages([asked, reply])
        return {"answer": str(reply.text)}

    def give_up(state: State) -> State:
        words = "The documents have nothing on this."
        history.add_messages([HumanMessage(content=state["question"]), AIMessage(content=words)])
        return {"answer": words}

    graph = StateGraph(State)
    graph.add_node("retrieve", retrieve)
    graph.add_node("answer", answer)
    graph.add_node("give_up", give_up)
    graph.add_edge(START, "retrieve")
    graph.add_conditional_edges("retrieve", lambda state: "answer" if state["passages"] else "give_up")
    graph.add_edge("answer", END)
    graph.add_edge("give_up", END)
    return graph.compile()


def _grounded(state: State) -> HumanMessage:
    """The question after its passages, fenced and numbered."""
    passages = [
        f'<passage number="{number}" title="{passage.metadata["title"]}">\n{passage.page_content}\n</passage>'
        for number, passage in enumerate(state["passages"], 1)
    ]
    return HumanMessage(content="\n\n".join([*passages, f"Question: {state['question']}"]))


def main(arguments: list[str] | None = None) -> None:
    """Ask one question and print the answer."""
    from langchain_openai import ChatOpenAI

    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("question")
    told.add_argument("--data", type=Path, default=Path(".kosha"))
    told.add_argument("--user", default="admin")
    told.add_argument("--workspace", default="Guide", help="its name")
    told.add_argument("--model", default="gpt-4o-mini")
    asked = told.parse_args(arguments)
    with LocalPorts(Settings.read(asked.data)) as ports:
        caller = Caller(user=ports.users.named(asked.user))
        known = {
            workspace.name: workspace.id for workspace, _ in ports.workspaces.of(caller.user.id, PageOf(100)).items
        }
        workspace_id = known[asked.workspace]
        retriever = WorkspaceRetriever(caller=caller, workspace_id=workspace_id, ports=ports, limit=5)
        history = SessionHistory(caller, str(uuid4()), ports, workspace_id=workspace_id)
        graph = build(retriever, history, ChatOpenAI(model=asked.model))
        print(graph.invoke({"question": asked.question})["answer"])


if __name__ == "__main__":
    main()
