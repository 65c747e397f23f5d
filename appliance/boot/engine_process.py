"""How the engine's process is started, and what it may see of ours."""

import sys
from collections.abc import Mapping

from appliance.base.process.child import ChildSpec
from appliance.base.resources import program_folder

# What a program needs to start at all. No setting of ours: those may hold secrets.
_INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT")
# libgomp's threads spin while they wait. Without a bound, one other busy process makes a token
# a hundred times slower (docs/decisions).
_SPIN_COUNT = "1000"
ENGINE_ARGUMENT = "engine-process"


def engine_process(environment: Mapping[str, str]) -> ChildSpec:
    """Return how to start the engine's process from this environment."""
    frozen = getattr(sys, "frozen", False)
    argv = (
        (sys.executable, ENGINE_ARGUMENT)
        if frozen
        else (sys.executable, "-m", "appliance.engine.text.worker")
    )
    inherited = {name: environment[name] for name in _INHERITED if name in environment}
    return ChildSpec(
        name="text engine",
        argv=argv,
        environment={
            **inherited,
            "GOMP_SPINCOUNT": _SPIN_COUNT,
            "PYTHONPATH": str(program_folder()),
            "PYTHONUNBUFFERED": "1",
        },
    )
