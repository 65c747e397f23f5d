import io
import json
from pathlib import Path

import pytest

from appliance.boot.cli import main
from appliance.boot.progress_lines import ProgressLines
from appliance.engine.download.model import DownloadState
from tests.engine.library.test_taking_in import ollama_with
from tests.engine.text.demo import why_not_real
from tests.engine.text.tiny_gguf import TinyGguf
from tests.fakes.clock import ManualClock
from tests.servers.fake_hub import FakeHub, running_hub

TINY = TinyGguf().content()
NAME = "hf.co/owner/Thing-GGUF"
FILES = {"owner/Thing-GGUF/thing-Q4_K_M.gguf": TINY}


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("NODO_HF_URL", "OLLAMA_MODELS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NODO_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def installed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    main(["model", "list", "--json"])
    return [one["name"] for one in json.loads(capsys.readouterr().out)["installed"]]


def test_a_model_is_pulled_listed_and_removed(
    box: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    with running_hub(FakeHub(files=FILES)) as hub:
        monkeypatch.setenv("NODO_HF_URL", hub.url)
        assert main(["model", "pull", NAME]) == 0
    assert f"{NAME} is here" in capsys.readouterr().out

    assert installed(capsys) == [NAME, "nodo-demo"]
    assert main(["model", "remove", NAME]) == 0
    assert installed(capsys) == ["nodo-demo"]


def test_a_pull_that_fails_says_why_in_one_sentence(
    box: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    with running_hub(FakeHub(files=FILES, status=429)) as hub:
        monkeypatch.setenv("NODO_HF_URL", hub.url)
        status = main(["model", "pull", f"{NAME}:q4_k_m"])

    assert status == 1
    assert "nodo: The hub asks for fewer requests." in capsys.readouterr().err


@pytest.mark.parametrize(
    "name", ["qwen2.5:3b", "hf.co/qwen/Qwen2.5-3B-Instruct-GGUF:q8_0"], ids=["name", "repository"]
)
def test_a_licence_against_work_for_money_must_be_accepted(
    box: Path, name: str, capsys: pytest.CaptureFixture[str]
):
    assert main(["model", "pull", name]) == 1

    told = capsys.readouterr().err
    assert "research and evaluation only" in told
    assert "--accept-licence" in told


def test_a_file_is_imported_and_stays_where_it_was_unless_moved(
    box: Path, capsys: pytest.CaptureFixture[str]
):
    for name in ("one", "two"):
        (box / f"{name}.gguf").write_bytes(TINY)

    assert main(["model", "import", str(box / "one.gguf")]) == 0
    assert main(["model", "import", str(box / "two.gguf"), "--move"]) == 0

    assert [(box / f"{name}.gguf").exists() for name in ("one", "two")] == [True, False]
    assert installed(capsys) == ["one", "two", "nodo-demo"]


@pytest.mark.parametrize("words", [[], ["/nothing.gguf"], ["x.gguf", "--ollama"]])
def test_an_import_of_nothing_is_refused(
    box: Path, capsys: pytest.CaptureFixture[str], words: list[str]
):
    assert main(["model", "import", *words]) == 1
    assert capsys.readouterr().err.startswith("nodo: ")


def test_a_file_that_is_no_model_is_not_imported(box: Path, capsys: pytest.CaptureFixture[str]):
    (box / "bad.gguf").write_bytes(b"GGUF, or so it says")

    assert main(["model", "import", str(box / "bad.gguf")]) == 1
    assert installed(capsys) == ["nodo-demo"]


def test_the_models_of_an_ollama_are_imported(box: Path, capsys: pytest.CaptureFixture[str]):
    ollama_with(box / ".ollama" / "models", system=b"Be brief.")

    assert main(["model", "import", "--ollama"]) == 0

    assert "tiny:1b" in installed(capsys)


def test_without_an_ollama_that_is_said(box: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["model", "import", "--ollama", str(box)]) == 1
    assert "No models of an Ollama were found." in capsys.readouterr().err


def test_the_demo_is_not_removed(box: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["model", "remove", "nodo-demo"]) == 1
    assert "comes with Nodo" in capsys.readouterr().err


@pytest.mark.skipif(bool(why_not_real()), reason=why_not_real())
def test_the_speed_of_the_demo_is_measured(box: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["model", "bench", "nodo-demo", "--json"]) == 0

    speed = json.loads(capsys.readouterr().out)
    assert speed["model"] == "nodo-demo"
    assert speed["reading_tokens_per_s"] > 10
    assert speed["pace"] == "faster"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_without_a_terminal_progress_is_plain_lines_now_and_then():
    clock, stream = ManualClock(), io.StringIO()
    lines = ProgressLines("qwen3:4b", stream, clock)

    lines.tell(DownloadState.RUNNING, 0, 10**9)
    for _ in range(10):
        clock.advance(1)
        lines.tell(DownloadState.RUNNING, 10**8, 10**9)

    shown = stream.getvalue().splitlines()
    assert len(shown) == 3
    assert shown[0].startswith("qwen3:4b:   0%")
    assert "\r" not in stream.getvalue()


def test_in_a_terminal_one_line_changes():
    clock, stream = ManualClock(), Terminal()
    lines = ProgressLines("qwen3:4b", stream, clock)

    lines.tell(DownloadState.RUNNING, 0, 10**9)
    clock.advance(5)
    lines.tell(DownloadState.RUNNING, 5 * 10**8, 10**9)
    lines.end()

    last = stream.getvalue().split("\r")[-1]
    assert last.split() == [
        "qwen3:4b:",
        "50%",
        "0.50",
        "of",
        "1.00",
        "GB",
        "100.0",
        "MB/s",
        "5",
        "s",
        "left",
    ]
