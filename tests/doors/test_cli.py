"""The command line beside a running server: in this process where it is enough, as a process of its own where not."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from tests.acceptance.slow_model import SlowModel
from tests.acceptance.target import Target, clean_environment, program
from tests.journeys.product import until

from kosha_local.cli import COMMANDS, main

WAIT_SECONDS = 60
Kosha = Callable[..., Result]


def run(
    *arguments: str, input: str = "", cwd: Path | None = None, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """A process of its own, to its end."""
    return subprocess.run(
        [*program(), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
        cwd=cwd,
        env={**clean_environment(), **environment},
    )


def post(url: str, body: dict[str, str]) -> Any:
    """A call under /auth."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)


@pytest.fixture(scope="module")
def data(target: Target) -> Path:
    """The data directory of the running server."""
    if target.data is None:
        pytest.skip("the server under test runs elsewhere")
    return target.data


@pytest.fixture(scope="module")
def kosha(data: Path) -> Kosha:
    """The command line on that data directory, in this process; one that fails unasked fails the test."""
    runner = CliRunner(env=dict.fromkeys(("KOSHA_DATA", "KOSHA_URL", "KOSHA_TOKEN")))

    def on_data(*arguments: str, code: int = 0, input: str = "") -> Result:
        done = runner.invoke(main, ["--data", str(data), *arguments], input=input)
        assert done.exit_code == code, f"{arguments} ended with {done.exit_code}: {done.output}"
        return done

    return on_data


@pytest.fixture(scope="module")
def leave(kosha: Kosha, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a workspace with one text, about leave."""
    name, text = f"cli {uuid4().hex[:8]}", tmp_path_factory.mktemp("leave") / "leave.md"
    text.write_text("# Leave\n\nEverybody has 25 days of annual leave in a year.\n")
    kosha("workspace", "create", name)
    kosha("ingest", "--workspace", name, str(text))
    return name


def test_help_lists_every_command_without_loading_any() -> None:
    code = (
        "import sys; from kosha_local.cli import main; main(['--help'], standalone_mode=False); "
        "heavy = {'pydantic', 'aiohttp', 'psycopg', 'numpy', 'asyncio'} & set(sys.modules); assert not heavy, heavy"
    )
    paths = [str(Path(__file__).parents[2] / place) for place in ("local", "layers/kosha/python")]
    environment = {**clean_environment(), "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "evaluate"])
def test_the_help_of_a_command_teaches_by_examples(name: str) -> None:
    shown = CliRunner().invoke(main, [name, "--help"])
    assert shown.exit_code == 0
    assert "Examples:" in shown.output
    assert f"kosha {name}" in shown.output
    assert "--data" in shown.output
    assert "--json" in shown.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["token"],
        ["ask"],
        ["search", "words"],
        ["serve", "--port", "http"],
        ["user", "add", "zoe", "--role", "god"],
        ["ingest", "--workspace", "w", "/no/such/file"],
        ["restore", "/no/such/file"],
        ["workspace", "list", "--url", "http://127.0.0.1:1"],
    ],
)
def test_a_wrong_command_line_is_exit_2(arguments: list[str]) -> None:
    shown = CliRunner().invoke(main, arguments)
    assert shown.exit_code == 2, shown.output
    assert shown.stdout == ""


def test_a_setting_that_is_not_allowed_is_named(tmp_path: Path) -> None:
    done = run("--data", str(tmp_path), "workspace", "list", KOSHA_UPLOAD_LIMIT_BYTES="much")
    assert done.returncode == 1
    assert "KOSHA_UPLOAD_LIMIT_BYTES" in done.stderr


def test_a_token_speaks_for_its_user(kosha: Kosha, target: Target) -> None:
    token = kosha("token", "--user", "ada").stdout.strip()
    request = urllib.request.Request(f"{target.url}/api/me", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        assert json.load(reply)["user"]["name"] == "ada"


def test_json_may_stand_before_or_after_the_command(kosha: Kosha) -> None:
    before = json.loads(kosha("--json", "token", "--user", "ada", "--expires-in", "60").stdout)
    after = json.loads(kosha("token", "--user", "ada", "--json", "--expires-in", "60").stdout)
    assert before.keys() == after.keys() == {"accessToken", "expiresIn", "user"}
    assert after["expiresIn"] == 60
    assert after["user"]["name"] == "ada"


def test_a_failure_is_one_line_on_stderr_and_exit_1(data: Path) -> None:
    done = run("--data", str(data), "token", "--user", "nobody")
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "'nobody'" in done.stderr


def test_people_are_added_and_sign_in_by_password_or_link(kosha: Kosha, target: Target) -> None:
    name = f"user-{uuid4().hex[:8]}"
    kosha("user", "add", name, "--role", "manager", input="a long password\n")
    signed_in = post(f"{target.url}/auth/login", {"username": name, "password": "a long password"})
    assert signed_in["user"]["roles"] == ["manager"]
    link = kosha("user", "link", name).stdout.strip()
    url, _, one_time_token = link.partition("/#token=")
    assert url == target.url
    assert post(f"{url}/auth/exchange", {"oneTimeToken": one_time_token})["user"]["name"] == name
    kosha("user", "password", name, input="another password\n")
    post(f"{target.url}/auth/login", {"username": name, "password": "another password"})
    assert name in kosha("user", "list").stdout
    kosha("user", "remove", name)
    assert name not in kosha("user", "list").stdout


def test_a_password_that_is_too_short_is_refused_and_not_repeated(kosha: Kosha) -> None:
    done = kosha("user", "add", "shorty", input="secret\n", code=1)
    assert "password" in done.stderr
    assert "secret" not in done.stderr


def test_a_workspace_is_made_listed_measured_and_deleted(kosha: Kosha) -> None:
    name = f"cli {uuid4().hex[:8]}"
    made = json.loads(kosha("workspace", "create", name, "--json").stdout)
    assert made["name"] == name
    assert name in kosha("workspace", "list").stdout
    assert "recall@10 is 1.000" in kosha("workspace", "recall", name).stdout
    assert json.loads(kosha("workspace", "recall", name, "--json").stdout)["kind"] == "exact"
    kosha("workspace", "delete", name)
    listed = json.loads(kosha("workspace", "list", "--json").stdout)["items"]
    assert made["id"] not in [one["id"] for one in listed if one["status"] == "ready"]


def test_a_workspace_that_is_not_there_says_how_to_make_it(kosha: Kosha) -> None:
    done = kosha("search", "--workspace", "nowhere", "words", code=1)
    assert "kosha workspace create" in done.stderr


def test_a_folder_is_taken_whole_and_each_failure_is_a_line(kosha: Kosha, tmp_path: Path) -> None:
    workspace = f"cli {uuid4().hex[:8]}"
    kosha("workspace", "create", workspace)
    inner = tmp_path / "docs" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "docs" / "one.md").write_text("The first text is about apples.")
    (inner / "two.txt").write_text("The second text is about pears.")
    (inner / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing more")
    (tmp_path / "docs" / ".hidden").write_text("not taken")
    page = "https://kosha.invalid/page"
    done = kosha("ingest", "--workspace", workspace, str(tmp_path / "docs"), page, code=1)
    failed = [line for line in done.stderr.splitlines() if "failed:" in line]
    assert len(failed) == 2
    assert str(inner / "broken.pdf") in failed[0]
    assert page in failed[1]
    assert "No address was found" in failed[1]
    assert "2 documents are searchable" in done.stdout
    found = json.loads(kosha("search", "--workspace", workspace, "pears", "--json").stdout)
    assert found["items"][0]["title"] == "two.txt"


def test_ask_prints_the_answer_and_its_citations(kosha: Kosha, leave: str) -> None:
    done = kosha("ask", "--workspace", leave, "How many days of annual leave are there?")
    answer, _, citations = done.stdout.partition("\n\n")
    assert "25 days" in answer
    assert "[1] leave.md" in citations
    assert "“Everybody has 25 days" in citations


def test_ask_with_json_gives_the_final_response(kosha: Kosha, leave: str) -> None:
    session_id = str(uuid4())
    ask = ("ask", "--workspace", leave, "How many days of annual leave are there?", "--session", session_id, "--json")
    final = json.loads(kosha(*ask, "--model", "kosha/extractive").stdout)
    assert final["sessionId"] == session_id
    assert final["stopReason"] == "end"
    assert final["metadata"]["citations"][0]["title"] == "leave.md"


def test_a_model_that_is_not_there_is_told_with_those_that_are(kosha: Kosha) -> None:
    done = kosha("ask", "Hello?", "--model", "nothing", code=1)
    assert "kosha/extractive" in done.stderr


def test_search_explains_itself(kosha: Kosha, leave: str) -> None:
    done = kosha("search", "--workspace", leave, "annual leave", "--explain")
    assert "leave.md" in done.stdout
    assert "BM25" in done.stdout
    assert "total" in done.stdout


def test_a_server_elsewhere_is_reached_by_address_and_token(target: Target, leave: str, tmp_path: Path) -> None:
    token = target.people["admin"].token
    listed = run("workspace", "list", "--url", target.url, "--token", token, cwd=tmp_path)
    assert leave in listed.stdout, listed.stderr
    asked = run("ask", "--workspace", leave, "Annual leave?", cwd=tmp_path, KOSHA_URL=target.url, KOSHA_TOKEN=token)
    assert "25 days" in asked.stdout, asked.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_token_that_is_refused_is_told(target: Target, tmp_path: Path) -> None:
    done = run("workspace", "list", "--url", target.url, "--token", "nonsense", cwd=tmp_path)
    assert done.returncode == 1
    assert "sign" in done.stderr.lower()


def test_what_is_not_in_this_version_says_so(kosha: Kosha, tmp_path: Path) -> None:
    done = kosha("evaluate", "--workspace", "w", "--dataset", str(tmp_path), code=1)
    assert "This version cannot evaluate" in done.stderr


def test_a_second_server_on_the_same_data_is_refused_and_names_the_first(data: Path, target: Target) -> None:
    done = run("serve", "--port", "0", "--data", str(data))
    assert done.returncode == 1
    assert str(target.pid) in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_doctor_finds_a_running_server_well(kosha: Kosha, target: Target) -> None:
    checks = {one["name"]: one for one in json.loads(kosha("doctor", "--json").stdout)["checks"]}
    assert all(check["status"] != "fail" for check in checks.values())
    assert target.url in checks["server"]["detail"]
    assert "18" in checks["PostgreSQL"]["detail"]
    assert {
        "data directory",
        "schema",
        "embeddings",
        "text recognition",
        "disk",
        "port",
        "web UI",
        "models",
    } <= checks.keys()


def test_the_doctor_makes_no_data_directory(tmp_path: Path) -> None:
    done = run("doctor", "--data", str(tmp_path / "new"), KOSHA_FIND_LOCAL_MODELS="false")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "starts on this machine" in done.stdout
    assert not (tmp_path / "new").exists()


def test_the_doctor_fails_on_a_bad_setting_and_a_silent_model_server(tmp_path: Path) -> None:
    silent = run("doctor", "--data", str(tmp_path), OPENAI_BASE_URL="http://127.0.0.1:9/v1")
    assert silent.returncode == 1
    assert "OPENAI_BASE_URL" in silent.stdout
    (tmp_path / "kosha.toml").write_text("colour = 'red'\n")
    unknown = run("doctor", "--data", str(tmp_path))
    assert unknown.returncode == 1
    assert "COLOUR" in unknown.stdout


def test_a_reader_who_leaves_early_is_no_error(data: Path, leave: str) -> None:
    arguments = ["--data", str(data), "ask", "--workspace", leave, "How many days of annual leave are there?"]
    asking = subprocess.Popen(
        [*program(), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment()
    )
    assert asking.stdout is not None
    asking.stdout.close()
    _, messages = asking.communicate(timeout=WAIT_SECONDS)
    assert messages == ""


def test_ctrl_c_stops_the_answer_quietly(data: Path, target: Target) -> None:
    model = target.slow_model
    assert isinstance(model, SlowModel)
    question = f"Count to 2000, {uuid4()}."  # longer than any machine takes to press two keys
    asking = subprocess.Popen(
        [*program(), "--data", str(data), "ask", question, "--model", "openai/slow"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(),
        # A shell starts what runs in its background with SIGINT ignored, and that is handed down.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    try:
        assert asking.stdout is not None
        assert asking.stdout.read(5) == "word0"
        asking.send_signal(signal.SIGINT)
        _, messages = asking.communicate(timeout=WAIT_SECONDS)
    finally:
        asking.kill()
    assert (asking.returncode, messages) == (130, "")
    until(lambda: any(question in stopped for stopped in model.cancelled), "the model to be stopped")


def test_a_folder_that_is_brought_twice_does_nothing_the_second_time(kosha: Kosha, tmp_path: Path) -> None:
    workspace, folder = f"cli {uuid4().hex[:8]}", tmp_path / "docs"
    kosha("workspace", "create", workspace)
    for place, text in (("one.md", "Apples are red."), ("inner/one.md", "Pears are green.")):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text)
    first = json.loads(kosha("ingest", "--workspace", workspace, str(folder), "--json").stdout)
    assert sorted(one["path"] for one in first["documents"]) == ["docs/inner/one.md", "docs/one.md"]
    again = kosha("ingest", "--workspace", workspace, str(folder))
    assert "2 of 2 were there already with the same bytes: nothing was done." in again.stdout
    (folder / "one.md").write_text("Apples are yellow.")
    third = json.loads(kosha("ingest", "--workspace", workspace, str(folder), "--json").stdout)
    assert third["unchanged"] == [str(folder / "inner" / "one.md")]
    ids = [{one["path"]: one["id"] for one in told["documents"]} for told in (first, third)]
    assert ids[0] == ids[1]
    found = json.loads(kosha("search", "--workspace", workspace, "apples yellow", "--json").stdout)
    assert found["items"][0]["content"] == "Apples are yellow."


def test_what_failed_is_tried_again_at_once(kosha: Kosha, tmp_path: Path) -> None:
    workspace, broken = f"cli {uuid4().hex[:8]}", tmp_path / "broken.pdf"
    kosha("workspace", "create", workspace)
    broken.write_bytes(b"%PDF-1.7 and nothing more")
    kosha("ingest", "--workspace", workspace, str(broken), code=1)
    again = kosha("ingest", "--workspace", workspace, "--retry-failed", code=1)
    assert "broken.pdf: failed:" in again.stderr
    kosha("ingest", "--workspace", workspace, code=2)
