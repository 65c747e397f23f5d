"""Names that say nothing attract everything: a file is named for what happens in it."""

from collections.abc import Iterator

from tools.house_rules.project import Finding, Project, stem_of

NAME = "file-names"
FORBIDDEN = frozenset(
    {
        *("common", "helper", "helpers", "manager", "managers", "misc"),
        *("service", "services", "util", "utils"),
    }
)


def check(project: Project) -> Iterator[Finding]:
    """Yield the code files and folders with a name that says nothing."""
    for path, _ in project.texts(".py", ".js", ".mjs", ".css"):
        words = {*path.split("/")[:-1], stem_of(path).removeprefix("test_")}
        for word in sorted(words & FORBIDDEN):
            yield Finding(path, 0, NAME, f"{word!r} says nothing; what happens in it?")
