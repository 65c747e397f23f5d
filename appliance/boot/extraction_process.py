"""How the process that reads a file is started."""

from collections.abc import Mapping

from appliance.base.process.child import ChildSpec
from appliance.boot.own_process import own_process

EXTRACTION_ARGUMENT = "extraction-process"


def extraction_process(environment: Mapping[str, str]) -> ChildSpec:
    """Return how to start a process that reads one file, from this environment."""
    return own_process(
        "file reader",
        argument=EXTRACTION_ARGUMENT,
        module="appliance.files.extraction.worker",
        environment=environment,
        # It may write nothing, so it need not try.
        more={"PYTHONDONTWRITEBYTECODE": "1"},
    )
