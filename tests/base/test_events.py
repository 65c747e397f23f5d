from dataclasses import dataclass

from appliance.base.events import Events


@dataclass(frozen=True)
class Asked:
    who: str


@dataclass(frozen=True)
class Answered:
    who: str


def test_subscribers_of_a_type_hear_its_events_in_order():
    events = Events()
    heard: list[object] = []
    events.subscribe(Asked, heard.append)
    events.subscribe(Asked, lambda event: heard.append(event.who))

    events.publish(Asked("ana"))
    events.publish(Answered("ana"))

    assert heard == [Asked("ana"), "ana"]


def test_a_failing_subscriber_is_logged_and_does_not_hurt_the_others(caplog):
    events = Events()
    heard: list[Asked] = []

    def fail(event: Asked) -> None:
        raise ZeroDivisionError

    events.subscribe(Asked, fail)
    events.subscribe(Asked, heard.append)

    events.publish(Asked("ana"))

    assert heard == [Asked("ana")]
    assert [(r.message, r.event) for r in caplog.records] == [("event subscriber failed", "Asked")]


def test_a_subscription_may_end_while_it_is_served():
    events = Events()
    heard: list[str] = []

    def once(event: Asked) -> None:
        heard.append(event.who)
        unsubscribe()

    unsubscribe = events.subscribe(Asked, once)
    events.subscribe(Asked, lambda event: heard.append("second"))

    events.publish(Asked("ana"))
    events.publish(Asked("bea"))

    assert heard == ["ana", "second", "second"]
