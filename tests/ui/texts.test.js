import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { timeOfDay } from "../../ui/lib/formats.js";
import { day } from "../../ui/lib/times.js";
import { guessLanguage, t, tCount, useTexts } from "../../ui/lib/texts.js";

const UI = path.join(import.meta.dirname, "../../ui");
// The texts of the first page, and those that are loaded with the pages that need them.
const PARTS = ["", "gates.", "pages."];
const es = everything("es");
const en = everything("en");
// Looked up at run time by a code that the box sends.
const BY_CODE = /^(?:problem|engine|audit\.(?:action|detail|value)|news|details\.why|providers\.(?:fault|ping)|models\.(?:licence|pace|state))\./u;

function readCatalogue(language) {
  return JSON.parse(readFileSync(path.join(UI, "strings", `${language}.json`), "utf8"));
}

function everything(language) {
  return Object.assign({}, ...PARTS.map((part) => readCatalogue(`${part}${language}`)));
}

function sources() {
  const names = readdirSync(UI, { recursive: true }).filter((name) => name.endsWith(".js") && !name.startsWith("dist"));
  return names.map((name) => readFileSync(path.join(UI, name), "utf8")).join("\n");
}

function keysUsed() {
  const source = sources();
  const plain = [...source.matchAll(/\bt\(\s*"([^"]+)"/gu)].map(([, key]) => key);
  const counted = [...source.matchAll(/\btCount\(\s*"([^"]+)"/gu)].flatMap(([, key]) => [`${key}.one`, `${key}.other`]);
  return new Set([...plain, ...counted]);
}

function places(text) {
  return [...text.matchAll(/\{\w+\}/gu)].map(([place]) => place).sort();
}

for (const part of PARTS) {
  test(`both languages have the same texts in order, and none is empty: ${part || "first page"}`, () => {
    const [spanish, english] = [readCatalogue(`${part}es`), readCatalogue(`${part}en`)];
    const keys = Object.keys(english);

    assert.deepEqual(Object.keys(spanish), keys);
    assert.deepEqual(keys, [...keys].sort());
    assert.deepEqual(keys.filter((key) => !english[key].trim() || !spanish[key].trim()), []);
  });
}

test("no text stands in two places", () => {
  const keys = PARTS.flatMap((part) => Object.keys(readCatalogue(`${part}en`)));

  assert.equal(keys.length, new Set(keys).size);
});

test("both languages fill the same places", () => {
  const different = Object.keys(en).filter((key) => places(en[key]).join() !== places(es[key] ?? "").join());

  assert.deepEqual(different, []);
});

test("every text that the program asks for exists", () => {
  assert.deepEqual([...keysUsed()].filter((key) => !(key in en)), []);
});

test("no text is left over", () => {
  const used = keysUsed();
  // Chosen between several, or handed on: a key stands somewhere as it is, its `_named` beside it.
  const written = new Set([...sources().matchAll(/"([a-z_]+(?:\.[a-z_]+)+)"/gu)].map(([, key]) => key));
  const isUsed = (key) => used.has(key) || BY_CODE.test(key) || written.has(key.replace(/_named$/u, ""));

  assert.deepEqual(Object.keys(en).filter((key) => !isUsed(key)), []);
});

test("places are filled, and numbers are counted as the language does", () => {
  useTexts("es", es);

  assert.equal(t("history.deleted", { title: "Turnos" }), "«Turnos» se ha borrado.");
  assert.equal(tCount("stage.queued", 1), "En la cola: 1 delante");
  assert.equal(tCount("stage.queued", 12345), "En la cola: 12.345 delante");
});

test("English dates are European: the day first, hours to 24", () => {
  useTexts("en", en);

  assert.equal(day("2026-11-21T15:30:00"), "21 November 2026");
  assert.equal(timeOfDay("2026-11-21T15:30:00"), "15:30");
});

test("the language is the first wanted one that we speak", () => {
  assert.equal(guessLanguage(["de-DE", "es-MX", "en"]), "es");
  assert.equal(guessLanguage(["ca-ES"]), "es");
  assert.equal(guessLanguage(["fr", "it"]), "en");
});
