import assert from "node:assert/strict";
import { test } from "node:test";

import { OutsideChanges } from "../../ui/pages/chat/outside-changes.js";

const item = (updated, writing = false) => ({ id: "c", title: "T", created_at: "1", updated_at: updated, writing });

test("a change that another device made is noticed once", () => {
  const outside = new OutsideChanges();

  assert.deepEqual([item("1"), item("2"), item("2")].map((now) => outside.hasChanged(now)), [false, true, false]);
});

test("the end of our own answer is known already, the next change is not", () => {
  const outside = new OutsideChanges();
  outside.hasChanged(item("1", true));
  outside.ownAnswerEnded();

  assert.equal(outside.hasChanged(item("2")), false);
  assert.equal(outside.hasChanged(item("3")), true);
});

test("a conversation that is not in the list tells nothing", () => {
  assert.equal(new OutsideChanges().hasChanged(undefined), false);
});
