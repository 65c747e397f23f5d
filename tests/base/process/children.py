"""Little real child programs that behave badly, for the tests of the process floor."""

import sys
import textwrap
from pathlib import Path

from appliance.base.process.child import ChildSpec

REPOSITORY = Path(__file__).resolve().parents[3]


def python_child(source: str, *arguments: str, **environment: str) -> ChildSpec:
    """Return how to start a child that runs this Python source, without site packages."""
    return ChildSpec(
        name="little child",
        argv=(sys.executable, "-S", "-E", "-c", textwrap.dedent(source), *arguments),
        environment=environment,
    )
