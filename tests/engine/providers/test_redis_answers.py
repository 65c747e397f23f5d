import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.base.sealing import Sealer
from appliance.base.secret import Secret
from appliance.engine.providers.answer_cache import KeptAnswer
from appliance.engine.providers.redis_answers import RedisStore
from tests.fakes.clock import ManualClock
from tests.waiting import until_now

ANSWER = KeptAnswer("The secret is blue.", "qwen", "local", "", 10, 5)


def sealer(box: str = "this box") -> Sealer:
    return Sealer(
        lambda purpose: hashlib.sha256(f"{box} {purpose}".encode()).digest(),
        ManualClock(),
        period=timedelta(days=90),
    )


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("the program redis-server is not installed")
    socket_file = tmp_path / "redis.sock"
    server = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", str(socket_file), "--save", ""],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )
    try:
        until_now(socket_file.exists, what="Redis")
        yield f"redis+unix://{socket_file}"
    finally:
        server.terminate()
        server.wait()


async def test_an_answer_is_kept_for_its_time_and_nobody_reads_it_there(redis_url: str) -> None:
    store, other_box = (
        RedisStore(Secret(redis_url), sealer(box)) for box in ("this box", "another")
    )
    await store.keep("k1", ANSWER, for_s=60)
    await store.keep("k2", ANSWER, for_s=0.02)

    found, stranger = await store.find("k1"), await other_box.find("k1")
    raw = await store._redis.get("nodo:answer:k1")

    assert (found, stranger) == (ANSWER, None)
    assert isinstance(raw, bytes)
    assert b"secret" not in raw
    while await store.find("k2") is not None:
        pass
    await store.close()
    await other_box.close()


async def test_without_redis_nothing_is_found_and_nothing_fails(tmp_path: Path) -> None:
    store = RedisStore(Secret(f"unix://{tmp_path}/none.sock"), sealer())

    await store.keep("k1", ANSWER, for_s=60)

    assert await store.find("k1") is None
    await store.close()
