"""The `nodo` command: reads the words of the command line and hands over."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from appliance import __version__
from appliance.base.errors import ApplianceError
from appliance.boot.engine_process import ENGINE_ARGUMENT
from appliance.boot.extraction_process import EXTRACTION_ARGUMENT
from appliance.boot.settings import Settings, process_settings

# Settings that are worth a flag; the others have the environment and nodo.toml.
_FLAGS = (
    "data_dir", "host", "port", "model", "threads", "context_tokens", "engine_parallel",
    "language", "log_level",
)  # fmt: skip
_FAILED = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 0 done, 1 failed, 2 misunderstood."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words == [ENGINE_ARGUMENT]:
        # A frozen build has one program: this is how it starts the engine's process.
        from appliance.engine.text.worker import main as engine_process

        return engine_process()
    if words == [EXTRACTION_ARGUMENT]:
        from appliance.files.extraction.worker import main as extraction_process

        return extraction_process()
    arguments = _parser().parse_args(words or ["run"])
    try:
        return _run(arguments)
    except ApplianceError as error:
        print(_in_words(error), file=sys.stderr)
        return _FAILED
    except KeyboardInterrupt:
        return _FAILED
    except BrokenPipeError:
        # Whoever read our lines, such as `head`, has had enough of them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FAILED


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command == "version":
        print(f"Nodo {__version__}")
        return 0
    flags = {name: getattr(arguments, name) for name in _FLAGS}
    return _command(arguments)(process_settings(flags), arguments)


def _command(arguments: argparse.Namespace) -> Callable[[Settings, argparse.Namespace], int]:
    # Imported when used: `nodo version` and a refused setting answer at once.
    if arguments.command == "doctor":
        from appliance.boot.doctor import doctor

        return doctor
    if arguments.command == "model":
        return _model_command(arguments)
    if arguments.command == "secrets":
        from appliance.boot.secret_commands import secrets_status

        return secrets_status
    if arguments.command in {"user", "demo"}:
        from appliance.boot.people_commands import look_after_people

        return look_after_people
    from appliance.boot.serving import serve

    return serve


def _model_command(
    arguments: argparse.Namespace,
) -> Callable[[Settings, argparse.Namespace], int]:
    from appliance.boot import model_commands, model_getting

    return {
        "list": model_commands.list_models,
        "remove": model_commands.remove_model,
        "pull": model_getting.pull_model,
        "import": model_getting.import_models,
        "bench": model_getting.bench_model,
    }[arguments.action]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nodo", description="A private AI appliance for one box.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, what in (
        ("run", "serve, and open the pages in a browser where there is a display (the default)"),
        ("serve", "serve the pages and programs of this box until stopped"),
        ("doctor", "say what is set, what is there, and what is wrong"),
    ):
        command = commands.add_parser(name, help=what, description=what)
        _add_setting_flags(command)
        if name == "doctor":
            command.add_argument("--json", action="store_true", help="print JSON for programs")
    commands.add_parser("version", help="print the version")
    _add_model_commands(commands.add_parser("model", help="the models of this box"))
    _add_secret_commands(commands.add_parser("secrets", help="the keys of this box"))
    _add_user_commands(commands.add_parser("user", help="the people of this box"))
    _add_demo_commands(commands.add_parser("demo", help="accounts for trying out"))
    return parser


def _add_model_commands(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="models on this box, and models that fit it")
    pull = actions.add_parser("pull", help="fetch a model of the catalogue, or of hf.co/…")
    pull.add_argument("name")
    pull.add_argument(
        "--accept-licence", action="store_true", help="although it forbids work for money"
    )
    taking = actions.add_parser("import", help="take in a GGUF file, or the models of an Ollama")
    taking.add_argument("path", nargs="?", metavar="FILE")
    taking.add_argument("--move", action="store_true", help="remove the file afterwards")
    taking.add_argument(
        "--ollama", nargs="?", const="", metavar="FOLDER", help="without copying their bytes"
    )
    removal = actions.add_parser("remove", help="remove a model, and its file with its last name")
    removal.add_argument("name")
    bench = actions.add_parser("bench", help="how quick a model is here, in some ten seconds")
    bench.add_argument("name", nargs="?")
    for action in actions.choices.values():
        _add_setting_flags(action)
    for action in (listing, pull, taking, bench):
        action.add_argument("--json", action="store_true", help="print JSON for programs")


def _add_secret_commands(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    status = actions.add_parser("status", help="where the keys lie, and whether they can be read")
    _add_setting_flags(status)
    status.add_argument("--json", action="store_true", help="print JSON for programs")


def _add_user_commands(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make an account; prints a code to set its password")
    add.add_argument("email")
    add.add_argument("--name", required=True)
    add.add_argument("--role", choices=("worker", "supervisor", "admin"), default="worker")
    add.add_argument("--user-language", choices=("es", "en"), default="es")
    listing = actions.add_parser("list", help="everybody who has an account")
    listing.add_argument("--json", action="store_true", help="print JSON for programs")
    reset = actions.add_parser("reset-password", help="print a code for another password")
    reset.add_argument("email")
    for action in (add, reset):
        action.add_argument(
            "--password-stdin", action="store_true", help="read the password itself from there"
        )
    for name, what in (
        ("disable", "let somebody sign in no more"),
        ("enable", "let somebody sign in again"),
    ):
        actions.add_parser(name, help=what).add_argument("email")
    for action in actions.choices.values():
        _add_setting_flags(action)


def _add_demo_commands(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, what in (
        ("load", "make three accounts with example conversations, open to everybody"),
        ("clear", "remove exactly those"),
    ):
        _add_setting_flags(actions.add_parser(name, help=what))


def _add_setting_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("settings", "each goes before NODO_… and nodo.toml")
    for name in _FLAGS:
        group.add_argument("--" + name.replace("_", "-"), dest=name, metavar="VALUE")


def _in_words(error: ApplianceError) -> str:
    return f"nodo: {error.message}" + (f"\n      {error.hint}" if error.hint else "")
