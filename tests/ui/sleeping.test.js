import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

import { watchSleep } from "../../ui/lib/sleeping.js";

const HALF_AN_HOUR_MS = 30 * 60_000;

/** A page that goes to the back and comes to the front. */
class FakePage extends EventTarget {
  hidden = false;

  becomes(hidden) {
    this.hidden = hidden;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

afterEach(() => mock.timers.reset());

test("a page falls asleep after half an hour in the background, and wakes at once", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const [page, life, events] = [new FakePage(), new AbortController(), []];
  const whenAwake = watchSleep(page, { isBusy: () => false, onSleep: () => events.push("sleep"), onWake: () => events.push("wake") }, life.signal);

  page.becomes(true);
  mock.timers.tick(HALF_AN_HOUR_MS - 1);
  await whenAwake(life.signal);
  mock.timers.tick(1);
  const waiting = whenAwake(life.signal).then(() => events.push("awake"));
  page.becomes(false);
  await waiting;

  assert.deepEqual(events, ["sleep", "wake", "awake"]);
});

test("a page that waits for an answer stays awake", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const [page, life, events] = [new FakePage(), new AbortController(), []];
  let isBusy = true;
  watchSleep(page, { isBusy: () => isBusy, onSleep: () => events.push("sleep"), onWake: () => undefined }, life.signal);

  page.becomes(true);
  mock.timers.tick(HALF_AN_HOUR_MS);
  isBusy = false;
  assert.deepEqual(events, []);
  mock.timers.tick(HALF_AN_HOUR_MS);

  assert.deepEqual(events, ["sleep"]);
});
