import json
from pathlib import Path

import pytest

from appliance import __version__
from appliance.boot.cli import main
from appliance.boot.engine_process import engine_process


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


def test_a_data_folder_that_is_a_file_is_named_as_what_is_wrong(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()

    assert main(["serve", "--data-dir", str(file), "--port", "0"]) == 1
    assert f"The data folder {file} cannot be used" in capsys.readouterr().err
