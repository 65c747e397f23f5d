import json
import subprocess
import sys
from pathlib import Path

import pytest

from appliance import __version__
from appliance.boot.cli import main
from appliance.boot.engine_process import engine_process
from appliance.boot.house import MIGRATIONS
from tests.databases import migrated, sqlite_database
from tests.servers.nodo import ROOT


def test_version_says_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    assert capsys.readouterr().out == f"Nodo {__version__}\n"


def test_a_refused_setting_ends_in_one_clear_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status = main(["model", "list", "--data-dir", str(tmp_path), "--port", "99999"])

    assert status == 1
    assert "'99999': allowed are whole numbers from 0 to 65535" in capsys.readouterr().err


def test_model_list_names_the_demo_and_what_to_do(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["model", "list", "--data-dir", str(tmp_path)]) == 0

    said = capsys.readouterr().out
    assert "nodo-demo" in said
    assert "qwen2.5:3b" in said
    assert "recommended for this box" in said


def test_a_model_that_is_named_by_its_path_is_the_one_in_use(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "mine.gguf").write_bytes(b"GGUF")

    settings = ["--data-dir", str(tmp_path / "data"), "--model", str(tmp_path / "mine.gguf")]

    main(["model", "list", "--json", *settings])

    installed = json.loads(capsys.readouterr().out)["installed"]
    assert [model["name"] for model in installed if model["is_current"]] == ["mine"]


def test_model_list_speaks_json_to_scripts(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    main(["model", "list", "--json", "--data-dir", str(tmp_path)])

    content = json.loads(capsys.readouterr().out)
    assert content["installed"][-1]["is_demo"]
    assert content["catalogue"][0]["size_bytes"] > 0


def test_doctor_names_what_is_wrong_with_a_model_and_what_was_set(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "fake.gguf").write_text("text", encoding="utf-8")

    main(["doctor", "--json", "--data-dir", str(tmp_path), "--port", "0"])

    content = json.loads(capsys.readouterr().out)
    found = {finding["subject"]: finding for finding in content["findings"]}
    assert found["model fake"]["verdict"] == "warning"
    assert "not a GGUF file" in found["model fake"]["text"]
    assert {"data_dir", "port"} <= {line["name"] for line in content["settings"]}


def test_an_unknown_command_is_misunderstood_not_failed() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["dance"])

    assert ended.value.code == 2


def test_the_engines_process_gets_no_setting_of_ours() -> None:
    spec = engine_process({"PATH": "/bin", "NODO_JWT_SECRET": "x", "JWT_SECRET": "y", "HOME": "/h"})

    assert "PATH" in spec.environment
    assert spec.environment["GOMP_SPINCOUNT"] == "1000"
    assert not {"NODO_JWT_SECRET", "JWT_SECRET", "HOME"} & set(spec.environment)


def test_the_engines_process_is_told_which_machine_code_to_take() -> None:
    spec = engine_process({"PATH": "/bin"}, processor_code="haswell")

    assert spec.environment["NODO_PROCESSOR_CODE"] == "haswell"


def test_a_data_folder_that_is_a_file_is_named_as_what_is_wrong(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()

    assert main(["serve", "--data-dir", str(file), "--port", "0"]) == 1
    assert f"The data folder {file} cannot be used" in capsys.readouterr().err


def found_by_doctor(capsys: pytest.CaptureFixture[str], *flags: str) -> dict[str, dict[str, str]]:
    main(["doctor", "--json", "--port", "0", *flags])
    findings = json.loads(capsys.readouterr().out)["findings"]
    return {finding["subject"]: finding for finding in findings}


def test_doctor_reads_the_database_and_leaves_nothing_behind(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    fresh = found_by_doctor(capsys, "--data-dir", str(tmp_path))["database"]
    migrated(sqlite_database(tmp_path), MIGRATIONS).close()
    before = sorted(tmp_path.iterdir())
    sound = found_by_doctor(capsys, "--data-dir", str(tmp_path))["database"]
    after = sorted(tmp_path.iterdir())
    (tmp_path / "nodo.db").write_bytes(b"SQLite format 3\0" + b"x" * 8192)
    damaged = found_by_doctor(capsys, "--data-dir", str(tmp_path))["database"]

    assert fresh["verdict"] == "ok"
    assert "first start" in fresh["text"]
    assert sound["verdict"] == "ok"
    assert after == before
    assert damaged["verdict"] == "problem"


def test_doctor_asks_the_server_of_postgresql(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NODO_DATABASE_URL", "postgresql://ana:hunter2canary@127.0.0.1:1/nodo")

    found = found_by_doctor(capsys, "--data-dir", str(tmp_path))["database"]

    assert found["verdict"] == "problem"
    assert "does not answer" in found["text"]
    assert "hunter2canary" not in found["text"]


def test_doctor_names_a_data_folder_that_is_a_file_and_a_chosen_model_that_is_missing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()

    found = found_by_doctor(capsys, "--data-dir", str(file), "--model", "nosuch")

    assert found["data folder"]["verdict"] == "problem"
    assert "is a file" in found["data folder"]["text"]
    assert "'nosuch'" in found["chosen model"]["text"]


def test_a_reader_that_goes_away_causes_no_traceback(tmp_path: Path) -> None:
    command = f"{sys.executable} -m appliance doctor --data-dir {tmp_path} --port 0 | true"
    ended = subprocess.run(command, shell=True, capture_output=True, check=False, cwd=ROOT)

    assert b"Traceback" not in ended.stderr
