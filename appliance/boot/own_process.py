"""How processes of our own are started, and what they may see of ours."""

import sys
from collections.abc import Mapping

from appliance.base.process.child import ChildSpec
from appliance.base.resources import program_folder

# What a program needs to start at all. No setting of ours: those may hold secrets.
_INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT")


def own_process(
    name: str,
    *,
    argument: str,
    module: str,
    environment: Mapping[str, str],
    more: Mapping[str, str],
) -> ChildSpec:
    """Return how to start one of our own programs.

    Args:
        name: For logs and errors.
        argument: The only word on the command line in a frozen build, which has one program.
        module: The program's module, elsewhere.
        environment: Ours; only what any program needs is handed on.
        more: Variables for this program.
    """
    frozen = getattr(sys, "frozen", False)
    argv = (sys.executable, argument) if frozen else (sys.executable, "-m", module)
    inherited = {name: environment[name] for name in _INHERITED if name in environment}
    return ChildSpec(
        name=name,
        argv=argv,
        environment={**inherited, "PYTHONPATH": str(program_folder()), **more},
    )
