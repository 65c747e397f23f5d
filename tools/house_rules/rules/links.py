"""Links in the documentation lead somewhere."""

import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath

from tools.house_rules.project import Finding, Project

NAME = "links"
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*$", re.MULTILINE)
_OUTSIDE = ("http://", "https://", "mailto:")


def check(project: Project) -> Iterator[Finding]:
    """Yield links to files or headings that do not exist."""
    for path, text in project.texts(".md"):
        for number, line in enumerate(text.splitlines(), start=1):
            for target in _LINK.findall(line):
                if not target.startswith(_OUTSIDE) and not _exists(project, path, target):
                    yield Finding(path, number, NAME, f"{target} leads nowhere")


def anchors_of(text: str) -> frozenset[str]:
    """Return the names that a renderer gives to the headings of a page."""
    slugs = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in _HEADING.findall(text))
    return frozenset(slug.replace(" ", "-") for slug in slugs)


def _exists(project: Project, page: str, target: str) -> bool:
    file, _, anchor = target.partition("#")
    found = normpath(join(dirname(page), file)) if file else page
    if not project.has(found):
        return False
    return not anchor or anchor in anchors_of(project.files.get(found, ""))
