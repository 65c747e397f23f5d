import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

import { Live } from "../../ui/api/live.js";
import { UnreachableError } from "../../ui/api/failures.js";

/** A socket whose other end is a test. */
class Socket extends EventTarget {
  said = [];
  isClosed = false;

  send(text) {
    this.said.push(JSON.parse(text));
  }

  close() {
    this.isClosed = true;
  }

  opens() {
    this.dispatchEvent(new Event("open"));
  }

  says(frame) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(frame) }));
  }

  breaks(code = 1006) {
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A tab: its sockets, what it heard, what it asked for. */
function makeTab() {
  const life = new AbortController();
  const tab = { life, sockets: [], heard: [], waits: [], refusals: [], token: "one", isReachable: true };
  tab.live = new Live({
    connect: () => {
      tab.sockets.push(new Socket());
      return tab.sockets.at(-1);
    },
    authorization: async ({ isRefused }) => {
      tab.refusals.push(isRefused);
      if (!tab.isReachable) throw new UnreachableError(null);
      return `Bearer ${tab.token}`;
    },
    wait: async (attempt) => {
      tab.waits.push(attempt);
      await settled();
    },
    whenAwake: async () => undefined,
  }, life.signal);
  for (const event of ["open", "lost", "reset", "news"]) tab.live.on(event, (data) => tab.heard.push([event, data]), life.signal);
  return tab;
}

/** A tab that is listening. */
async function openTab() {
  const tab = makeTab();
  void tab.live.run();
  await settled();
  tab.sockets[0].opens();
  tab.sockets[0].says({ type: "welcome", last_event_id: 5, resumed: false });
  return tab;
}

afterEach(() => mock.timers.reset());

test("a tab says who it is, and hands on what it hears", async () => {
  const tab = await openTab();
  tab.sockets[0].says({ id: 6, event: "news", data: { n: 1 } });

  assert.deepEqual(tab.sockets[0].said, [{ type: "hello", access_token: "one" }]);
  assert.deepEqual(tab.heard, [["open", {}], ["reset", {}], ["news", { n: 1 }]]);
  assert.equal(tab.live.isOpen, true);
  tab.life.abort();
  assert.equal(tab.sockets[0].isClosed, true);
});

test("a line that broke is opened again where it was", async () => {
  const tab = await openTab();
  tab.sockets[0].says({ id: 9, event: "news", data: {} });
  tab.sockets[0].breaks();
  await settled();
  await settled();
  tab.sockets[1].opens();
  tab.sockets[1].says({ type: "welcome", last_event_id: 9, resumed: true });

  assert.deepEqual(tab.sockets[1].said, [{ type: "hello", access_token: "one", last_event_id: 9 }]);
  assert.deepEqual(tab.heard.map(([event]) => event), ["open", "reset", "news", "lost", "open"]);
  assert.deepEqual(tab.waits, [0]);
  tab.life.abort();
});

test("who missed too much is told to ask for everything, and goes on from there", async () => {
  const tab = await openTab();
  tab.sockets[0].breaks();
  await settled();
  await settled();
  tab.sockets[1].opens();
  tab.sockets[1].says({ type: "welcome", last_event_id: 50, resumed: false });
  tab.sockets[1].says({ id: 50, event: "reset", data: {} });
  tab.sockets[1].breaks();
  await settled();
  await settled();
  tab.sockets[2].opens();

  assert.deepEqual(tab.heard.map(([event]) => event), ["open", "reset", "lost", "open", "reset", "lost"]);
  assert.equal(tab.sockets[2].said[0].last_event_id, 50);
  tab.life.abort();
});

test("a refused token is renewed at once; while the box is away the waits grow", async () => {
  const tab = await openTab();
  tab.token = "two";
  tab.sockets[0].breaks(4401);
  await settled();
  tab.sockets[1].opens();
  assert.deepEqual(tab.sockets[1].said[0].access_token, "two");
  assert.deepEqual(tab.waits, []);
  tab.isReachable = false;
  tab.sockets[1].breaks(1006);
  for (let i = 0; i < 8; i += 1) await settled();

  assert.deepEqual(tab.refusals.slice(0, 3), [false, true, false]);
  assert.deepEqual(tab.waits.slice(0, 4), [1, 2, 3, 4]);
  tab.life.abort();
});

test("a box that does not understand this page is left alone", async () => {
  const tab = await openTab();
  tab.sockets[0].breaks(4400);
  await settled();
  await settled();

  assert.equal(tab.sockets.length, 1);
  assert.equal(tab.live.isOpen, false);
});

test("a tab says its token now and then, and a line that does not answer is dead", async () => {
  mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  const tab = await openTab();
  tab.token = "two";
  mock.timers.tick(45_000);
  await settled();
  assert.deepEqual(tab.sockets[0].said.at(-1), { type: "token", access_token: "two" });
  tab.sockets[0].says({ type: "renewed" });
  mock.timers.tick(10_000);
  assert.equal(tab.live.isOpen, true);

  tab.live.check();
  await settled();
  mock.timers.tick(10_000);

  assert.equal(tab.live.isOpen, false);
  assert.equal(tab.sockets[0].isClosed, true);
  tab.life.abort();
});

test("a tab that nobody looks at lets its line go", async () => {
  const tab = await openTab();
  tab.live.sleep();
  await settled();

  assert.equal(tab.sockets[0].isClosed, true);
  assert.deepEqual(tab.waits, []);
  assert.equal(tab.sockets.length, 2);
  tab.life.abort();
});
