import assert from "node:assert/strict";
import { test } from "node:test";

import { makeMemo } from "../../ui/lib/memo.js";
import { makeWaking } from "../../ui/lib/waking.js";

test("only a change of the facts acts", () => {
  const memo = makeMemo();
  const acts = [];
  for (const facts of [[1, "a"], [1, "a"], [1, "b"], [1], [Number.NaN], [Number.NaN]]) memo(facts, () => acts.push(facts));

  assert.deepEqual(acts, [[1, "a"], [1, "b"], [1], [Number.NaN]]);
});

test("the screen is held once and let go once", async () => {
  const asked = [];
  const release = async () => void asked.push("release");
  const waking = makeWaking({ request: async (kind) => (asked.push(kind), { release }) });

  for (const isWanted of [false, true, true, false, false]) waking(isWanted);
  await new Promise((resolve) => setImmediate(resolve));

  assert.deepEqual(asked, ["screen", "release"]);
});

test("without the browser's help nothing happens", () => {
  assert.doesNotThrow(() => makeWaking(undefined)(true));
});
