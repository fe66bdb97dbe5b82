"""The LangGraph example of the documentation, run as it stands: a database, a served model, one question."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from uuid import uuid4

import pytest
from langchain_openai import ChatOpenAI
from tests.served.endpoint import hosted
from tests.served.kosha_models import extractive
from tests.served.openai import OpenAi
from tests.unit.chat.house import ChatHouse

from kosha import workspaces
from kosha.agents import SessionHistory, WorkspaceRetriever
from kosha.model.chunk import IndexedChunk
from kosha.model.document import Document
from kosha.model.user import Caller
from kosha.model.workspace import WorkspaceSettings
from kosha.wiring.local import LocalPorts, embedded_postgres
from kosha.wiring.settings import Settings

ROOT = Path(__file__).parents[3]


def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("langgraph_question", ROOT / "examples/langgraph_question.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def openai(monkeypatch: pytest.MonkeyPatch):
    with hosted(OpenAi(answer=extractive(None))) as openai:
        monkeypatch.setenv("OPENAI_BASE_URL", openai.url)
        monkeypatch.setenv("OPENAI_API_KEY", "secret")
        yield openai


def test_a_graph_of_ones_own_answers_from_a_workspace_and_keeps_what_was_said(chat: ChatHouse, openai: OpenAi) -> None:
    workspace, session_id = chat.has_workspace(), str(uuid4())
    chat.has_document(workspace, "Leave is 25 days a year.", "The office closes at six.")
    retriever = WorkspaceRetriever(caller=chat.ada, workspace_id=workspace.id, ports=chat)
    history = SessionHistory(chat.ada, session_id, chat, workspace_id=workspace.id)
    graph = example().build(retriever, history, ChatOpenAI(model="mini"))
    assert graph.invoke({"question": "How many days of leave?"})["answer"] == "Leave is 25 days a year. [1]"
    assert "nothing on this" in graph.invoke({"question": "Elephants"})["answer"]
    assert [message.content for message in chat.sessions.messages(chat.ada.user.id, session_id)] == [
        "How many days of leave?",
        "Leave is 25 days a year. [1]",
        "Elephants",
        "The documents have nothing on this.",
    ]
    assert len(openai.requests) == 1


def test_the_example_asks_a_workspace_of_a_data_directory(
    openai: OpenAi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data=tmp_path / "data", find_local_models=False)
    settings.data.mkdir()
    with embedded_postgres(settings), LocalPorts(settings) as ports:
        ports.migrate()
        ports.first_sign_in()
        caller = Caller(user=ports.users.named("admin"))
        wish = WorkspaceSettings.model_validate({"name": "Handbook", "embeddingsModelProvider": "none"})
        made = workspaces.create(caller, wish, ports)
        has_text(ports, made.id, "Leave is 25 days a year.")
        example().main(["--data", str(settings.data), "--workspace", "Handbook", "How many days of leave?"])
    assert capsys.readouterr().out == "Leave is 25 days a year. [1]\n"


def has_text(ports: LocalPorts, workspace_id: str, text: str) -> None:
    """A document of one passage, served."""
    now = ports.now()
    told = {"id": str(uuid4()), "type": "text", "title": "Leave", "path": "leave.md", "status": "processed", "run": 1}
    document = Document.model_validate(
        {**told, "workspace_id": workspace_id, "content_type": "text/markdown", "created_at": now, "updated_at": now}
    )
    chunk = IndexedChunk(chunk_id=str(uuid4()), document_id=document.id, index=0, content=text)
    ports.documents.add(document)
    index = ports.index("aurora")
    index.stage(document, [chunk], None)
    index.publish(ports.workspaces.get(workspace_id), document)


def test_without_langchain_it_is_said_what_to_install() -> None:
    code = "import sys; sys.modules['langchain_core'] = None; import kosha.agents"
    environment = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], check=False, env=environment, capture_output=True, text=True)
    assert "pip install 'kosha[langchain]'" in done.stderr


def test_the_documentation_shows_the_example_as_it_is() -> None:
    shown = (ROOT / "docs/langchain.md").read_text(encoding="utf-8")
    code = (ROOT / "examples/langgraph_question.py").read_text(encoding="utf-8")
    start, end = code.index("def build("), code.index("def _grounded(")
    assert code[start:end].strip() in shown
