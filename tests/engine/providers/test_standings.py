from appliance.engine.providers.chain import step_after
from appliance.engine.providers.model import Fault, Provider, ProviderFaultError, ProviderKind
from appliance.engine.providers.standings import Standings
from tests.fakes.clock import ManualClock

ADDRESS = "http://192.168.1.20:11434"
SHED = Provider("shed", "Shed", ProviderKind.OLLAMA, (ADDRESS,), "m")
BROKEN = ProviderFaultError(Fault.TRANSIENT, "it broke")


def half_open(standings: Standings, clock: ManualClock) -> None:
    step = step_after(BROKEN, tries=1, was_shortened=False)
    for _ in range(5):
        is_probe = standings.began(SHED, ADDRESS)
        standings.failed(SHED, ADDRESS, BROKEN, step)
        standings.left(SHED, ADDRESS, is_probe=is_probe)
    clock.advance(31)


def test_a_call_of_before_that_ends_lets_nobody_in_beside_the_one_that_looks():
    clock = ManualClock()
    standings = Standings(clock, lambda _trouble: None)
    is_old_probe = standings.began(SHED, ADDRESS)
    half_open(standings, clock)

    is_probe = standings.began(SHED, ADDRESS)
    standings.left(SHED, ADDRESS, is_probe=is_old_probe)

    assert (is_old_probe, is_probe) == (False, True)
    assert standings.find_address(SHED) is None


def test_who_looks_and_goes_away_lets_the_next_one_look():
    clock = ManualClock()
    standings = Standings(clock, lambda _trouble: None)
    half_open(standings, clock)

    standings.left(SHED, ADDRESS, is_probe=standings.began(SHED, ADDRESS))

    assert standings.find_address(SHED) == ADDRESS
