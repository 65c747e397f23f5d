"""Extraction processes that behave badly."""

import sys

from appliance.base.process.child import ChildSpec


def reader_that(source: str) -> ChildSpec:
    """Return how to start a reader that takes its order and then runs this Python source."""
    begin = (
        "import json, os, signal, sys, time\n"
        "order = json.loads(sys.stdin.readline())\n"
        "def tell(**frame): print(json.dumps(frame), flush=True)\n"
    )
    return ChildSpec("bad reader", (sys.executable, "-S", "-E", "-c", begin + source))


HANGS = reader_that("time.sleep(600)")
IS_KILLED = reader_that("os.kill(os.getpid(), signal.SIGKILL)")
USES_UP_ITS_TIME = reader_that("os.kill(os.getpid(), signal.SIGXCPU)")
SAYS_NOTHING = reader_that("")
SAYS_NONSENSE = reader_that(
    "print('[[[[' * 1000)\n"
    "for frame in ({}, {'is': 1}, {'is': 'pages'}, {'is': 'pages', 'done': 'x', 'total': []},\n"
    "              {'is': 'text'}, {'is': 'unknown'}):\n"
    "    print(json.dumps(frame))\n"
)
FLOODS = reader_that(
    "for _ in range(3000): tell(**{'is': 'text', 'text': 'x' * 1000})\ntell(**{'is': 'read', 'is_cut': False})"
)
SMUGGLES = reader_that(
    r"tell(**{'is': 'text', 'text': 'a\x00\ud83db\x1b[2J'}); tell(**{'is': 'read', 'is_cut': False})"
)
TELLS_ITS_ENVIRONMENT = reader_that(
    "tell(**{'is': 'text', 'text': json.dumps(dict(os.environ))}); tell(**{'is': 'read', 'is_cut': False})"
)


def pages_slowly(total: int) -> ChildSpec:
    """Return a reader that tells a page whenever it gets a signal, and then hangs."""
    return reader_that(
        f"for n in range({total} + 1): tell(**{{'is': 'pages', 'done': n, 'total': {total}}})\n"
        "time.sleep(600)"
    )
