"""What health and system look like on the wire."""

from pydantic import BaseModel


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
