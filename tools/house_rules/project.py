"""What the rules look at: the files of a project, read and parsed once."""

import ast
import functools
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

_TEXT_SUFFIXES = frozenset(
    {
        *(
            ".css",
            ".html",
            ".in",
            ".ini",
            ".js",
            ".json",
            ".lock",
            ".md",
            ".mjs",
            ".py",
            ".service",
        ),
        *(".sh", ".svg", ".toml", ".txt", ".yml"),
    }
)
_FOREIGN_FOLDERS = frozenset(
    {"__pycache__", "build", "dist", "node_modules", "nodo_appliance.egg-info"}
)
_SCRIPTS = frozenset({"run", "test", ".ci/run", "Makefile", ".gitignore", ".npmrc"})


@dataclass(frozen=True)
class Finding:
    """One place where a rule is not kept.

    Attributes:
        path: File, relative to the project.
        line: Line number from 1; 0 when the whole file is meant.
        rule: Name of the rule, as an escape comment would write it.
        message: What is wrong and what would be right.
    """

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        """Return the finding as editors understand it."""
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True)
class Module:
    """A Python file and its syntax tree."""

    path: str
    text: str
    tree: ast.Module


@dataclass(frozen=True)
class Project:
    """All text files of a project.

    Attributes:
        files: Text by path relative to the project, with `/`.
        others: Paths of files that are not text, such as pictures.
    """

    files: Mapping[str, str]
    others: frozenset[str] = field(default_factory=frozenset[str])

    @functools.cached_property
    def modules(self) -> tuple[Module, ...]:
        """Return the Python files, parsed.

        Raises:
            SyntaxError: If one cannot be parsed; a checker that skips it would lie.
        """
        return tuple(
            Module(path, text, ast.parse(text, path))
            for path, text in self.files.items()
            if path.endswith(".py")
        )

    def modules_in(self, *tops: str) -> Iterator[Module]:
        """Yield the Python files under these top-level folders."""
        return (module for module in self.modules if module.path.split("/")[0] in tops)

    def texts(self, *suffixes: str) -> Iterator[tuple[str, str]]:
        """Yield path and text of the files that end like this."""
        return (item for item in self.files.items() if item[0].endswith(suffixes))

    def has(self, path: str) -> bool:
        """Return whether there is such a file or folder."""
        if path in self.files or path in self.others:
            return True
        folder = path.rstrip("/") + "/"
        return any(known.startswith(folder) for known in (*self.files, *self.others))


def read_project(root: Path) -> Project:
    """Return the project in `root`, without what is generated or installed there."""
    files: dict[str, str] = {}
    others: set[str] = set()
    for path in sorted(_walk(root)):
        name = path.relative_to(root).as_posix()
        if path.suffix in _TEXT_SUFFIXES or name in _SCRIPTS:
            files[name] = path.read_text(encoding="utf-8")
        else:
            others.add(name)
    return Project(files, frozenset(others))


def _walk(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = [
            name
            for name in folders
            if name not in _FOREIGN_FOLDERS and (name == ".ci" or not name.startswith("."))
        ]
        yield from (Path(folder) / name for name in names)


def without_escaped(project: Project, findings: Iterator[Finding]) -> Iterator[Finding]:
    """Yield the findings whose line does not say `# house: <rule> — reason`."""
    for finding in findings:
        lines = project.files.get(finding.path, "").splitlines()
        line = lines[finding.line - 1] if 0 < finding.line <= len(lines) else ""
        if not re.search(rf"# house: {re.escape(finding.rule)} — \S", line):
            yield finding


def stem_of(path: str) -> str:
    """Return the name of a file without folder and ending."""
    return PurePosixPath(path).name.split(".")[0]
