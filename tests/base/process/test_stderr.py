import asyncio

from appliance.base.process.stderr import LineAllowance, forward_lines


def test_each_window_lets_so_many_lines_through():
    allowance = LineAllowance(lines=2, window_s=10)

    admitted = [allowance.admits(now_s) for now_s in (0, 1, 2, 9.9, 10, 11, 12)]

    assert admitted == [True, True, False, False, True, True, False]
    assert (allowance.take_dropped(), allowance.take_dropped()) == (3, 0)


async def test_lines_go_to_the_log_with_the_childs_name(caplog):
    caplog.set_level("INFO")
    stream = asyncio.StreamReader()
    stream.feed_data(b"loading\n\xff\n" + b"x" * 5000 + b"\nready\n")
    stream.feed_eof()

    await forward_lines("text engine", stream)

    written = [(r.child, r.line) for r in caplog.records if r.message == "child writes"]
    assert written == [
        ("text engine", "loading"),
        ("text engine", "\ufffd"),
        ("text engine", "ready"),
    ]
    assert caplog.records[-1].lines_dropped == 1
