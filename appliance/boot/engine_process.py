"""How the engine's process is started."""

from collections.abc import Mapping

from appliance.base.process.child import ChildSpec
from appliance.boot.own_process import own_process
from appliance.engine.text.processor_code import VARIABLE

# libgomp's threads spin while they wait. Without a bound, one other busy process makes a token
# a hundred times slower (docs/decisions).
_SPIN_COUNT = "1000"
ENGINE_ARGUMENT = "engine-process"


def engine_process(environment: Mapping[str, str], *, processor_code: str = "") -> ChildSpec:
    """Return how to start the engine's process from this environment.

    Args:
        environment: Ours.
        processor_code: Which machine code it takes; empty is the best for this processor.
    """
    return own_process(
        "text engine",
        argument=ENGINE_ARGUMENT,
        module="appliance.engine.text.worker",
        environment=environment,
        more={"GOMP_SPINCOUNT": _SPIN_COUNT, "PYTHONUNBUFFERED": "1", VARIABLE: processor_code},
    )
