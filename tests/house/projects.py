"""Small made-up projects for the house rules to judge."""

from collections.abc import Callable, Iterator

from tools.house_rules.project import Finding, Project, without_escaped


def findings(rule: Callable[[Project], Iterator[Finding]], files: dict[str, str]) -> list[str]:
    """Return what `rule` says about these files, as `path:line`."""
    project = Project(files)
    return [f"{found.path}:{found.line}" for found in without_escaped(project, rule(project))]
