import assert from "node:assert/strict";
import { test } from "node:test";

import { wordsFor } from "../../ui/lib/problems.js";
import { useTexts } from "../../ui/lib/texts.js";

const TEXTS = { "problem.known": "Texto nuestro.", "problem.both": "Texto nuestro.", "problem.both.hint": "Consejo nuestro." };

test("our own words come before those of the box", () => {
  useTexts("es", TEXTS);

  assert.deepEqual(wordsFor({ code: "both", detail: "Theirs.", hint: "Their hint." }), { what: "Texto nuestro.", hint: "Consejo nuestro.", support: "both" });
});

test("an English hint does not stand below a Spanish sentence", () => {
  useTexts("es", TEXTS);

  assert.equal(wordsFor({ code: "known", detail: "Theirs.", hint: "Their hint." }).hint, "");
});

test("below an English sentence the hint of the box stays", () => {
  useTexts("en", { "problem.known": "Our text." });

  assert.equal(wordsFor({ code: "known", hint: "Their hint." }).hint, "Their hint.");
});

test("what we have no words for is said by the box, with its hint", () => {
  useTexts("es", TEXTS);

  const words = wordsFor({ code: "new", detail: "Something new.", hint: "Try it.", request_id: "r-1" });

  assert.deepEqual(words, { what: "Something new.", hint: "Try it.", support: "new · r-1" });
});
