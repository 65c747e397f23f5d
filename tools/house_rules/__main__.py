"""Check the house rules: `python -m tools.house_rules [--table]`."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from tools.house_rules.project import Finding, Project, read_project, without_escaped
from tools.house_rules.rules import (
    documented_commands,
    documented_settings,
    empty_packages,
    file_names,
    file_size,
    function_size,
    links,
    machine_words,
    module_state,
    open_ends,
    owners,
    same_version,
)
from tools.house_rules.table import size_table

RULES: tuple[Callable[[Project], Iterator[Finding]], ...] = (
    file_size.check,
    function_size.check,
    file_names.check,
    empty_packages.check,
    open_ends.check,
    module_state.check,
    owners.check,
    machine_words.check,
    links.check,
    documented_commands.check,
    documented_settings.check,
    same_version.check,
)


def main() -> int:
    """Return 0 when every rule is kept, else 1, after printing what is not."""
    parser = argparse.ArgumentParser(prog="python -m tools.house_rules", description=__doc__)
    parser.add_argument("--table", action="store_true", help="print sizes of files and functions")
    arguments = parser.parse_args()
    project = read_project(Path(__file__).parents[2])
    if arguments.table:
        print(size_table(project))
        return 0
    try:
        findings = [found for rule in RULES for found in without_escaped(project, rule(project))]
    except SyntaxError as error:
        # A checker that skips what it cannot read would lie.
        print(f"{error.filename}:{error.lineno}: cannot be parsed: {error.msg}")
        return 1
    for finding in findings:
        print(finding)
    print(f"{len(RULES)} rules, {len(project.files)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
