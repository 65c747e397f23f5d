"""The preparation of a checkout, on a made-up one: no packages, a program that tells how it was called."""

import os
import shutil
import signal
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.waiting import until_now

_ROOT = Path(__file__).parents[2]
_PROGRAM = """
import os, signal, sys
print("called with", sys.argv[1:], "in", os.getcwd(), flush=True)
if sys.argv[1:] == ["wait"]:
    signal.pause()
"""


class Checkout:
    """A small checkout with the real preparation and a made-up program and engine."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a checkout"
        self.elsewhere = folder / "elsewhere"
        self.elsewhere.mkdir()
        self._environment = os.environ | {"XDG_CACHE_HOME": str(folder / "cache")}
        self.root.mkdir()
        shutil.copytree(_ROOT / "tools/bootstrap", self.root / "tools/bootstrap")
        for name in ("run", "tools/bootstrap.sh", "requirements-llama.lock"):
            shutil.copy(_ROOT / name, self.root / name)
        (self.root / "requirements.lock").write_text("# nothing\n")
        (self.root / "requirements-dev.lock").write_text("# nothing\n")
        (self.root / "appliance").mkdir()
        (self.root / "appliance/__main__.py").write_text(_PROGRAM)
        self._keep_made_up_engine()

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Return `./run ARGUMENTS`, started from another folder in a group of its own."""
        return subprocess.Popen(
            [self.root / "run", *arguments],
            cwd=self.elsewhere,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> tuple[str, str]:
        """Return what `./run ARGUMENTS` prints on both channels, once it has ended well."""
        process = self.start(*arguments)
        output, messages = process.communicate(timeout=120)
        assert process.returncode == 0, messages
        return output, messages

    def _keep_made_up_engine(self) -> None:
        key = subprocess.run(
            [
                "sh",
                "-euc",
                'root=.; stamps=.; cache=.; . tools/bootstrap/shared_cache.sh; . tools/bootstrap/engine.sh; echo "$wheels/$(engine_key)"',
            ],
            cwd=self.root,
            env=self._environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        folder = Path(key)
        folder.mkdir(parents=True)
        version = folder.name.split("-")[0]
        info = f"llama_cpp_python-{version}.dist-info"
        with zipfile.ZipFile(folder / f"llama_cpp_python-{version}-py3-none-any.whl", "w") as wheel:
            wheel.writestr("llama_cpp/__init__.py", "")
            wheel.writestr(
                f"{info}/METADATA",
                f"Metadata-Version: 2.1\nName: llama_cpp_python\nVersion: {version}\n",
            )
            wheel.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            wheel.writestr(
                f"{info}/RECORD",
                f"llama_cpp/__init__.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n",
            )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Return a checkout that nobody has prepared yet, in a folder with a space in its name."""
    return Checkout(tmp_path)


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> tuple[Checkout, str, str]:
    """Return a checkout that was started once, and what it said on both channels."""
    checkout = Checkout(tmp_path_factory.mktemp("started"))
    return checkout, *checkout.run("energy", "a b")


@pytest.fixture
def prepared(first_start: tuple[Checkout, str, str]) -> Checkout:
    """Return that checkout, which its tests leave prepared."""
    return first_start[0]


def test_the_first_start_prepares_and_the_second_only_starts(
    first_start: tuple[Checkout, str, str],
) -> None:
    checkout, output, messages = first_start
    assert output == f"called with ['energy', 'a b'] in {checkout.elsewhere}\n"
    assert "Installing the engine: done" in messages

    assert checkout.run() == (f"called with [] in {checkout.elsewhere}\n", "")


def test_a_changed_lock_is_installed_at_the_next_start(prepared: Checkout) -> None:
    (prepared.root / "requirements.lock").write_text("# something else\n")

    assert "Installing the Python packages" in prepared.run()[1]
    assert prepared.run()[1] == ""


def test_a_preparation_that_was_killed_is_made_again(checkout: Checkout) -> None:
    killed = checkout.start()
    until_now((checkout.root / ".venv/bin/python").exists, within_s=60, what="the environment")
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    (checkout.root / ".venv/bin/pip").unlink(missing_ok=True)

    output, messages = checkout.run()

    assert output.startswith("called with")
    assert "Making a Python environment" in messages


def test_two_starts_at_once_prepare_once(checkout: Checkout) -> None:
    starts = [checkout.start(name) for name in ("first", "second")]

    told = [start.communicate(timeout=120) for start in starts]

    assert [start.returncode for start in starts] == [0, 0]
    assert [output.split(" in ")[0] for output, _ in told] == [
        "called with ['first']",
        "called with ['second']",
    ]
    assert "".join(messages for _, messages in told).count("Installing the engine: done") == 1


def test_a_moved_checkout_starts_again(prepared: Checkout, checkout: Checkout) -> None:
    checkout.root = checkout.root.with_name("moved here")
    shutil.copytree(prepared.root, checkout.root, symlinks=True)

    assert checkout.run("again")[0].startswith("called with ['again']")


def test_a_signal_reaches_the_program_itself(prepared: Checkout) -> None:
    started = prepared.start("wait")
    assert started.stdout is not None
    assert started.stdout.readline().startswith("called with")

    started.terminate()

    started.communicate(timeout=20)
    assert started.returncode == -signal.SIGTERM
