"""The package, the interface and the head of the changelog tell the same version."""

import json
import re
from collections.abc import Iterator

from tools.house_rules.project import Finding, Project

NAME = "same-version"


def check(project: Project) -> Iterator[Finding]:
    """Yield the places whose version differs from the package's."""
    source = project.files.get("appliance/__init__.py", "")
    declared = re.search(r'__version__ = "([^"]+)"', source)
    if declared is None:
        yield Finding("appliance/__init__.py", 1, NAME, "has no __version__")
        return
    version = declared[1]
    heading = re.search(r"^## \[?([\w.]+)", project.files.get("CHANGELOG.md", ""), re.MULTILINE)
    found = heading[1] if heading else "nothing"
    if found != version:
        yield Finding("CHANGELOG.md", 0, NAME, f"begins with {found}, the package is {version}")
    interface = json.loads(project.files.get("package.json", "{}")).get("version", version)
    if interface != version:
        yield Finding("package.json", 0, NAME, f"says {interface}, the package is {version}")
