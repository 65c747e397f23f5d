import assert from "node:assert/strict";
import { test } from "node:test";

import { beginning, overwritten, placeOf } from "../../ui/lib/places.js";

test("an id says how much text its reader has", () => {
  assert.equal(placeOf(String(41 * 2 ** 20 + 7)), 41);
  assert.equal(placeOf(String(3 * 2 ** 46 + 41 * 2 ** 20 + 7)), 41);
});

test("a piece goes where it belongs: behind, over what is known, or into the middle of it", () => {
  assert.equal(overwritten("So ", "far", 6), "So far");
  assert.equal(overwritten("So far", "So ", 3), "So far");
  assert.equal(overwritten("So f", " far", 6), "So far");
});

test("characters beyond the first plane count once", () => {
  assert.equal(overwritten("🙂a", "b", 3), "🙂ab");
  assert.equal(overwritten("🙂🙂a", "🙂", 2), "🙂🙂a");
  assert.equal(beginning("🙂ab", 2), "🙂a");
});

test("a text that is shorter than it should be is not filled up", () => {
  assert.equal(overwritten("So", "far", 9), "Sofar");
  assert.equal(beginning("So", 9), "So");
});
