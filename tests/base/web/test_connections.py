"""The gate: who may connect, and who makes room."""

from appliance.base.web.connections import ConnectionGate


class _Connection:
    def __init__(self) -> None:
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True


def test_a_foreign_address_gets_its_share_and_no_more() -> None:
    gate = ConnectionGate(per_address=2)
    first, second, third = _Connection(), _Connection(), _Connection()

    assert gate.admits(first, "192.168.1.7")
    assert gate.admits(second, "192.168.1.7")
    assert not gate.admits(third, "192.168.1.7")
    assert gate.admits(third, "192.168.1.8")


def test_a_closed_connection_makes_room() -> None:
    gate = ConnectionGate(per_address=1)
    first = _Connection()
    gate.admits(first, "192.168.1.7")

    gate.release(first)
    gate.release(first)

    assert gate.admits(_Connection(), "192.168.1.7")
    assert gate.open_count() == 1


def test_this_computer_has_no_share() -> None:
    gate = ConnectionGate(per_address=1)

    assert all(gate.admits(_Connection(), "127.0.0.1") for _ in range(5))


def test_when_all_are_taken_the_one_that_idles_longest_is_closed() -> None:
    gate = ConnectionGate(in_all=2)
    idle, busy, new = _Connection(), _Connection(), _Connection()
    gate.admits(busy, "127.0.0.1")
    gate.admits(idle, "127.0.0.1")
    gate.note_busy(busy)

    assert gate.admits(new, "127.0.0.1")
    assert (idle.aborted, busy.aborted, gate.open_count()) == (True, False, 2)


def test_when_all_are_busy_a_new_one_is_refused() -> None:
    gate = ConnectionGate(in_all=1)
    busy = _Connection()
    gate.admits(busy, "127.0.0.1")
    gate.note_busy(busy)

    assert not gate.admits(_Connection(), "127.0.0.1")
    assert not busy.aborted


def test_after_its_answer_a_connection_idles_again() -> None:
    gate = ConnectionGate(in_all=1)
    connection = _Connection()
    gate.admits(connection, "127.0.0.1")
    gate.note_busy(connection)
    gate.note_idle(connection)

    assert gate.admits(_Connection(), "127.0.0.1")
    assert connection.aborted
