"""No file names the computer that it was written on: paths and hosts differ everywhere else."""

import re
from collections.abc import Iterator

from tools.house_rules.project import Finding, Project

NAME = "machine-words"
# Folders of a developer's machine. Spelt apart, so that this file keeps its own rule.
_FOLDERS = "|".join(("wor" + "k", "tm" + "p", "roo" + "t", "op" + "t"))
_PATH = re.compile(rf"(?<![\w./*}})])/(?:{_FOLDERS})(?=/|[\"'`\s]|$)")
_HOSTS = re.compile(
    "|".join(
        host.replace("_", r"\.")
        for host in (
            "pypi" + "_org",
            "pythonhosted" + "_org",
            "npmjs" + "_org",
            "deb_debian" + "_org",
        )
    )
)


def check(project: Project) -> Iterator[Finding]:
    """Yield absolute paths of a developer's machine and hosts of package registries."""
    for path, text in project.files.items():
        for number, line in enumerate(text.splitlines(), start=1):
            if found := _PATH.search(line):
                yield Finding(path, number, NAME, f"{found[0]} is a path of one machine")
            if found := _HOSTS.search(line):
                yield Finding(
                    path, number, NAME, f"{found[0]} is chosen by the user's own settings"
                )
