"""What health and system look like on the wire."""

from datetime import datetime

from pydantic import BaseModel

from appliance.operations.metering import Metering


class CheckOut(BaseModel):
    """One part's health; names only, as everybody may ask."""

    name: str
    status: str


class HealthOut(BaseModel):
    """The health of the whole."""

    status: str
    version: str
    checks: list[CheckOut]


class SystemOut(BaseModel):
    """What the box has and uses."""

    version: str
    uptime_s: float
    web_rss_bytes: int
    engine_rss_bytes: int
    cpu_count: int
    memory_total_bytes: int
    memory_available_bytes: int
    disk_free_bytes: int


class HourOut(BaseModel):
    """Answers of one hour."""

    start: datetime
    answers: int
    average_ms: float


class ResponseTimeOut(BaseModel):
    """How long answers took within the last 24 hours; the mean is null without answers."""

    average_24h: float | None
    answers_24h: int
    hours: list[HourOut]


class AnswerCacheOut(BaseModel):
    """How often answers were there already, since the start; the ratio is null before."""

    hits: int
    misses: int
    hit_ratio: float | None


class MonitoringOut(BaseModel):
    """How quickly questions were answered."""

    response_time_ms: ResponseTimeOut
    answer_cache: AnswerCacheOut


def monitoring_out(metering: Metering) -> MonitoringOut:
    """Return the figures of the last day, as they are told."""
    day = metering.day()
    hits, misses = metering.cache.hits, metering.cache.misses
    return MonitoringOut(
        response_time_ms=ResponseTimeOut(
            average_24h=day.average_ms,
            answers_24h=day.answers,
            hours=[
                HourOut(start=hour.start, answers=hour.answers, average_ms=hour.average_ms)
                for hour in day.hours
            ],
        ),
        answer_cache=AnswerCacheOut(
            hits=hits, misses=misses, hit_ratio=hits / (hits + misses) if hits + misses else None
        ),
    )
