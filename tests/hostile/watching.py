"""Noticing that a page ran, fetched, opened or holds something that a hostile text brought."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, Dialog, Page

from tests.e2e.browsing import Tab
from tests.servers.fake_nodo import FakeNodo
from tests.waiting import until_now

# What is looked for in the page as it stands, whether or not it has run yet: elements that nobody
# of ours makes, handlers, addresses that run, and marks that only our own code may set.
_FINDINGS = r"""
() => {
  const forbidden = "iframe,frame,object,embed,base,link,style,meta,template,video,audio,source," +
    "portal,marquee,body body,form form,img,image,foreignObject,animate,set,mglyph,maction,script";
  const found = [];
  for (const element of document.body.querySelectorAll(forbidden)) {
    const isOurs = element.matches('img[src^="data:image/svg+xml"]');
    if (!isOurs) found.push(`element ${element.localName}: ${element.outerHTML.slice(0, 100)}`);
  }
  for (const element of document.body.querySelectorAll("*")) {
    const isProse = element.closest(".prose-block") !== null;
    for (const { name, value } of element.attributes) {
      const runs = /^[\s\x00-\x20]*(javascript|vbscript|data|file|blob)\s*:/iu.test(value);
      if (name.startsWith("on")) found.push(`handler ${name}=${value}`);
      if (/(href|action|src)$/u.test(name) && runs && element.localName !== "img") found.push(`address ${value}`);
      const isMark = isProse && /^(id|name|form|formaction|style|srcdoc|srcset|data-ref)$/u.test(name);
      if (isMark && !element.closest("math") && !element.closest(".code")) found.push(`attribute ${name}=${value}`);
    }
  }
  return found;
}
"""

# What was put in has had its turn: elements are made, pictures have failed, timers have run.
SETTLE = """
() => new Promise((done) => {
  requestAnimationFrame(() => requestIdleCallback(() => setTimeout(done, 30)));
})
"""


@dataclass
class Watch:
    """What hostile texts have achieved in a browser context; nothing, if all is well.

    Attributes:
        ran: Numbers of the texts whose code ran.
        dialogs: Messages of dialogs that they opened.
        foreign: Addresses elsewhere that were asked for.
        console: What the browser had to refuse, and other words of its console.
        left: Places that a tab was led away to.
    """

    ran: list[Any] = field(default_factory=list[Any])
    dialogs: list[str] = field(default_factory=list[str])
    foreign: list[str] = field(default_factory=list[str])
    console: list[str] = field(default_factory=list[str])
    left: list[str] = field(default_factory=list[str])

    def achieved(self) -> list[str]:
        """Return all of it, in words."""
        return [
            *(f"ran {number}" for number in self.ran),
            *(f"dialog {text}" for text in self.dialogs),
            *(f"fetched {address}" for address in self.foreign),
            *(f"console {line}" for line in self.console),
            *(f"left for {address}" for address in self.left),
        ]

    def clear(self) -> None:
        """Forget what was noticed so far."""
        for noticed in (self.ran, self.dialogs, self.foreign, self.console, self.left):
            noticed.clear()

    def note_run(self, number: object) -> None:
        """Note that the code of a text ran; Playwright calls no method of a list."""
        self.ran.append(number)


@dataclass(frozen=True)
class Watched:
    """A tab with somebody signed in, and what hostile texts have achieved in it."""

    tab: Tab
    watch: Watch

    @property
    def nodo(self) -> FakeNodo:
        """The stand-in that it speaks to."""
        return self.tab.nodo

    def assert_untouched(self) -> None:
        """Nothing ran, nothing was fetched, nothing is there that could."""
        self.tab.page.evaluate(SETTLE)
        assert findings(self.tab.page) == []
        assert self.watch.achieved() == []

    def until(self, condition: Callable[[Watch], bool]) -> None:
        """Wait until the watch has noticed something."""

        def is_met() -> bool:
            # What the browser has to tell comes in while the page is asked something.
            self.tab.page.wait_for_timeout(10)
            return condition(self.watch)

        until_now(is_met, within_s=10, what="what the texts achieve")


def watched(context: BrowserContext, home: str) -> Watch:
    """Return the watch over every tab and frame of this context, from now on.

    Args:
        context: Nothing may be open in it yet.
        home: Address of the box, where a tab may be.
    """
    watch = Watch()
    context.expose_function("ran", watch.note_run)
    context.on("page", lambda page: _watch_page(page, watch, home))
    return watch


def findings(page: Page) -> list[str]:
    """Return what stands in the page that no text of anybody may bring in."""
    found: list[str] = page.evaluate(_FINDINGS)
    return found


def _watch_page(page: Page, watch: Watch, home: str) -> None:
    def dismiss(dialog: Dialog) -> None:
        watch.dialogs.append(dialog.message)
        dialog.dismiss()

    def note_request(address: str) -> None:
        if not address.startswith((f"{home}/", "data:", "blob:")):
            watch.foreign.append(address)

    def note_place(address: str) -> None:
        if not address.startswith((f"{home}/", "about:blank")):
            watch.left.append(address)

    def note_words(kind: str, text: str) -> None:
        # What the box itself refused (403, 404) is no text's doing.
        if kind in {"warning", "error"} and "the server responded with a status of" not in text:
            watch.console.append(text)

    page.on("dialog", dismiss)
    page.on("request", lambda request: note_request(request.url))
    page.on("framenavigated", lambda frame: note_place(frame.url))
    page.on("pageerror", lambda error: watch.console.append(str(error)))
    page.on("console", lambda said: note_words(said.type, said.text))
