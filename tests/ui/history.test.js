import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

import { History } from "../../ui/api/history.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));
const conversation = (id, more = {}) => ({ id, title: id, created_at: "1", updated_at: "1", writing: false, unread: false, ...more });

/** A live channel that a test speaks on. */
class FakeLive {
  isOpen = true;
  #listeners = new Map();

  on(event, listener) {
    this.#listeners.set(event, listener);
  }

  tell(event, data = {}) {
    this.#listeners.get(event)?.(data);
  }
}

/** A list, the box behind it, and the page that may be hidden. */
function makeList(items) {
  const life = new AbortController();
  const box = { items, asked: 0, read: [], life, live: new FakeLive() };
  const chats = {
    list: async () => {
      box.asked += 1;
      return { items: box.items, next_cursor: null };
    },
    markRead: async (id) => {
      box.read.push(id);
    },
  };
  box.history = new History(chats, new EventTarget(), life.signal);
  box.history.hearFrom(box.live);
  return box;
}

afterEach(() => {
  mock.timers.reset();
  delete globalThis.document;
});

test("news that come together are asked about once, and nothing by the clock", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const box = makeList([conversation("a")]);
  box.live.tell("open");
  await settled();
  mock.timers.tick(600_000);
  assert.equal(box.asked, 1);

  box.items = [conversation("a", { title: "renamed elsewhere" })];
  box.live.tell("answer", { conversation_id: "a" });
  box.live.tell("conversation", { id: "a", change: "renamed" });
  mock.timers.tick(150);
  await settled();

  assert.equal(box.asked, 2);
  assert.equal(box.history.state.items[0].title, "renamed elsewhere");
  box.life.abort();
});

test("without news the list is asked for by the clock", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const box = makeList([conversation("a")]);
  box.live.isOpen = false;
  box.live.tell("lost");
  await settled();
  globalThis.document = { hidden: false };
  mock.timers.tick(30_000);
  await settled();

  assert.equal(box.asked, 2);
  box.life.abort();
});

test("an answer that ended elsewhere is unread until it is opened, here or on another device", async () => {
  const box = makeList([conversation("a", { unread: true }), conversation("b", { unread: true }), conversation("c", { unread: true, writing: true })]);
  await box.history.refresh();
  assert.deepEqual([...box.history.state.unread], ["a", "b"]);

  box.live.tell("conversation", { id: "b", change: "read" });
  assert.deepEqual([...box.history.state.unread], ["a"]);
  box.history.opened("a");

  assert.deepEqual([...box.history.state.unread], []);
  assert.deepEqual(box.read, ["a"]);
  box.life.abort();
});

test("an answer in a hidden tab is unread until the tab is looked at", async () => {
  globalThis.document = { hidden: true };
  const box = makeList([conversation("a", { unread: true })]);
  box.history.opened("a");
  await box.history.refresh();
  assert.deepEqual([[...box.history.state.unread], box.read], [["a"], []]);

  globalThis.document = { hidden: false };
  box.history.seen();

  assert.deepEqual([[...box.history.state.unread], box.read], [[], ["a"]]);
  box.life.abort();
});

test("a conversation that was deleted elsewhere is gone at once", async () => {
  const box = makeList([conversation("a"), conversation("b")]);
  await box.history.refresh();
  box.live.tell("conversation", { id: "a", change: "deleted" });

  assert.deepEqual(box.history.state.items.map(({ id }) => id), ["b"]);
  box.life.abort();
});
