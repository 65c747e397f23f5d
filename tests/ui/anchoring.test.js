import assert from "node:assert/strict";
import { test } from "node:test";

import { Anchoring, spaceBelow } from "../../ui/lib/anchoring.js";

const at = (top, height = 1000) => ({ top, height, visible: 400 });

function atTheEnd() {
  const anchoring = new Anchoring();
  anchoring.ownScroll(at(600));
  return anchoring;
}

test("a growing text is followed while the reader is at its end", () => {
  assert.equal(atTheEnd().resized(at(600, 1100)), true);
});

test("own scrolls do not count as the reader's", () => {
  const anchoring = atTheEnd();
  anchoring.resized(at(600, 1100));
  anchoring.ownScroll(at(700, 1100));
  anchoring.scrolled(at(700, 1100));

  assert.equal(anchoring.isPinned, true);
});

test("more than three pixels upwards let go, and growth is news then", () => {
  const anchoring = atTheEnd();
  anchoring.scrolled(at(590));

  assert.equal(anchoring.resized(at(590, 1300)), false);
  assert.equal(anchoring.hasNews, true);
});

test("three pixels are a trembling hand", () => {
  const anchoring = atTheEnd();
  anchoring.scrolled(at(597));

  assert.equal(anchoring.isPinned, true);
});

test("content that shrinks and pushes the position up is not the reader", () => {
  const anchoring = atTheEnd();
  anchoring.scrolled(at(500, 900));

  assert.equal(anchoring.isPinned, true);
});

test("coming back to the very end follows again, coming near does not", () => {
  const anchoring = atTheEnd();
  anchoring.scrolled(at(300));
  anchoring.scrolled(at(590));
  assert.equal(anchoring.isPinned, false);

  anchoring.scrolled(at(599));

  assert.equal(anchoring.isPinned, true);
});

test("the button shows beyond 200 pixels and hides within 60", () => {
  const anchoring = atTheEnd();
  const shown = [450, 390, 450, 530, 545].map((top) => {
    anchoring.scrolled(at(top));
    return anchoring.showsButton;
  });

  assert.deepEqual(shown, [false, true, true, true, false]);
});

test("the space lets a question stand near the top and shrinks as its answer grows", () => {
  const measures = { questionTop: 900, visible: 400, gap: 50 };

  assert.equal(spaceBelow({ ...measures, contentEnd: 1000 }), 250);
  assert.equal(spaceBelow({ ...measures, contentEnd: 1200 }), 50);
  assert.equal(spaceBelow({ ...measures, contentEnd: 2000 }), 0);
});
