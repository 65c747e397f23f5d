"""Files stay short enough to be read in one go; a long one does two things."""

from collections.abc import Iterator, Mapping

from tools.house_rules.allowances import LONG_FILES
from tools.house_rules.project import Finding, Project

NAME = "file-size"
_LIMIT, _TEST_LIMIT = 400, 500
_MEASURED = (".py", ".js", ".mjs", ".css", ".sh")


def check(project: Project, allowances: Mapping[str, int] = LONG_FILES) -> Iterator[Finding]:
    """Yield the files that are longer than allowed, and allowances that are too generous."""
    for path, text in project.texts(*_MEASURED):
        lines = len(text.splitlines())
        limit = _TEST_LIMIT if path.startswith("tests/") else _LIMIT
        allowed = allowances.get(path, limit)
        if lines > allowed:
            yield Finding(
                path, 0, NAME, f"{lines} lines; at most {allowed}. What are its two parts?"
            )
        elif path in allowances and lines < allowed:
            yield Finding(path, 0, NAME, f"has {lines} lines now: lower its allowance of {allowed}")
    for path in allowances:
        if path not in project.files:
            yield Finding(path, 0, NAME, "has an allowance but does not exist")
