import assert from "node:assert/strict";
import { test } from "node:test";

import { guessedHeightPx } from "../../ui/lib/guessed-heights.js";

test("a line that wraps is higher in a narrow column than in a wide one", () => {
  const text = "word ".repeat(200);

  assert.ok(guessedHeightPx(text, 320) > 1.5 * guessedHeightPx(text, 720));
});

test("each line of a list counts, and an empty line less than a full one", () => {
  const one = guessedHeightPx("- a", 360);

  assert.equal(guessedHeightPx("- a\n- b\n- c", 360) - one, 50);
  assert.equal(guessedHeightPx("- a\n\n- b", 360) - one, 37);
});

test("a column that is not laid out yet is no reason to fail", () => {
  assert.ok(Number.isFinite(guessedHeightPx("a", 0)));
});
