"""What a conversation of 1,000 messages costs on a phone: opening, scrolling to its beginning, elements, memory.

    python -m benchmarks.long_chat [--pages FOLDER ...] [--messages 1000] [--slower 4] [--rounds 3]

Shows the built interface (`node build.mjs FOLDER`) in Chromium, in a window of a phone, with the processor
slowed down, against the stand-in of the tests. Several folders take turns, so that a busy machine slows
all of them; the load is printed with the figures.
"""

import argparse
import os
import statistics
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.e2e.browsing import CHROMIUM, PAGES, PHONE, Tab, open_browser, open_tab
from tests.servers.fake_nodo import FakeNodo, running

_SPEECH = "The compressor takes in air, warms it and lets it go again; **what matters** is the oil, see [the manual](https://example.com/manual). "
_PARTS = (
    _SPEECH * 6,
    "## Steps\n\n"
    + "".join(f"{n}. Turn the `valve {n}` by a quarter and wait.\n" for n in range(1, 9)),
    "| part | price | days |\n| --- | ---: | ---: |\n"
    + "".join(f"| filter {n} | {n * 3},50 | {n} |\n" for n in range(1, 9)),
    "```python\n"
    + "".join(
        f"def part_{n}(price_eur: float) -> float:\n    return price_eur * {n}  # with tax\n\n"
        for n in range(8)
    )
    + "```",
)
_WHEEL_PX = 800
_WHEEL_EVERY_MS = 60
_LONGEST_S = 30
_OPENED = """async ([id, last]) => {
  const begun = performance.now();
  if (id) location.hash = `#/chat/${id}`;
  const isShown = () => {
    const block = [...document.querySelectorAll("article.answer .prose-block")].at(-1);
    const box = document.querySelector(".chat-box");
    return block?.textContent.includes(last) && block.getBoundingClientRect().top < box.getBoundingClientRect().bottom;
  };
  const frame = () => new Promise(requestAnimationFrame);
  do await frame(); while (!isShown());
  await frame();
  return performance.now() - (id ? begun : 0);
}"""
_WATCH = """() => {
  window.frames_ms = [];
  let before = performance.now();
  const onFrame = (now) => { window.frames_ms.push(now - before); before = now; window.watch = requestAnimationFrame(onFrame); };
  window.watch = requestAnimationFrame(onFrame);
}"""
_FRAMES = "() => { cancelAnimationFrame(window.watch); return window.frames_ms; }"
_PLACE = """() => {
  const box = document.querySelector(".chat-box");
  return { top: box.scrollTop, count: document.querySelectorAll("article").length };
}"""


def fill(nodo: FakeNodo, count: int) -> str:
    """Return the id of a conversation with so many messages; the newest answer ends with a word of its own."""
    conversation_id = nodo.add_conversation("Long ago")
    parent = None
    for n in range(count):
        text = (
            f"Question {n}: and then?"
            if n % 2 == 0
            else "\n\n".join(
                [
                    f"Answer {n}.",
                    *(_PARTS[(n // 2 + k) % 4] for k in range(1 + n % 3)),
                    f"End of {n}.",
                ]
            )
        )
        parent = nodo.add_message(conversation_id, parent, "assistant" if n % 2 else "user", text)[
            "id"
        ]
    return conversation_id


def wheel_to_the_top(page: Page, count: int) -> list[float]:
    """Return how long the frames took, in ms, while somebody wheels to the first message."""
    page.locator(".chat-box").hover()
    page.evaluate(_WATCH)
    until = time.monotonic() + _LONGEST_S
    while time.monotonic() < until:
        page.mouse.wheel(0, -_WHEEL_PX)
        page.wait_for_timeout(_WHEEL_EVERY_MS)
        place = page.evaluate(_PLACE)
        if place["top"] == 0 and place["count"] >= count:
            break
    return page.evaluate(_FRAMES)


def weigh(line: CDPSession) -> dict[str, float]:
    """Return MB of JavaScript, after what nobody needs is thrown away."""
    line.send("HeapProfiler.collectGarbage")
    metrics = {m["name"]: m["value"] for m in line.send("Performance.getMetrics")["metrics"]}
    return {"heap_mb": metrics["JSHeapUsedSize"] / 1e6}


def measured(browser: Browser, pages: Path, count: int, slower: float) -> dict[str, Any]:
    """Return the figures of one build, once."""
    nodo = FakeNodo(pages)
    conversation_id = fill(nodo, count)
    last = f"End of {count - 1}."
    with running(nodo) as url:
        context = browser.new_context(locale="en-GB", **PHONE)  # type: ignore[arg-type]
        tab: Tab = open_tab(context, nodo, url)
        tab.page.set_default_timeout(120_000)
        tab.enter()
        line = context.new_cdp_session(tab.page)
        line.send("Performance.enable")
        line.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        opened_ms = tab.page.evaluate(_OPENED, [conversation_id, last])
        tab.page.reload()
        loaded_ms = tab.page.evaluate(_OPENED, [None, last])
        asked = sum("/messages" in address for address in tab.addresses)
        at_opening = tab.page.evaluate("document.querySelectorAll('*').length")
        frames = wheel_to_the_top(tab.page, count)
        place = tab.page.evaluate(_PLACE)
        tab.page.wait_for_timeout(2000)
        elements = tab.page.evaluate("document.querySelectorAll('*').length")
        heap = weigh(line)
        context.close()
    return {
        "opened_ms": opened_ms, "loaded_ms": loaded_ms, "pages_asked": asked, "elements_opening": at_opening,
        "frame_median_ms": statistics.median(frames), "frame_p95_ms": statistics.quantiles(frames, n=20)[-1],
        "frame_longest_ms": max(frames), "frames": len(frames), "messages_at_top": place["count"],
        "elements_at_top": elements, **heap,
    }  # fmt: skip


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", nargs="+", type=Path, default=[PAGES])
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--slower", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with sync_playwright() as playwright:
        browser = open_browser(playwright, CHROMIUM or "")
        for _ in range(asked.rounds):
            for pages in asked.pages:
                found = measured(browser, pages, asked.messages, asked.slower)
                facts = "  ".join(f"{name} {value:.0f}" for name, value in found.items())
                print(f"{pages.name:10} load {os.getloadavg()[0]:.1f}  {facts}", flush=True)


if __name__ == "__main__":
    main()
