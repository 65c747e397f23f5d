import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { guessLanguage, t, tCount, useTexts } from "../../ui/lib/texts.js";

const UI = path.join(import.meta.dirname, "../../ui");
const es = readCatalogue("es");
const en = readCatalogue("en");
// Looked up at run time by a code that the box sends.
const BY_CODE = /^(?:problem|engine)\./u;

function readCatalogue(language) {
  return JSON.parse(readFileSync(path.join(UI, "strings", `${language}.json`), "utf8"));
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

test("both languages have the same texts", () => {
  assert.deepEqual(Object.keys(es), Object.keys(en));
});

test("both languages fill the same places", () => {
  const different = Object.keys(en).filter((key) => places(en[key]).join() !== places(es[key] ?? "").join());

  assert.deepEqual(different, []);
});

test("no text is empty, and the keys are in order", () => {
  const keys = Object.keys(en);

  assert.deepEqual(keys.filter((key) => !en[key].trim() || !es[key].trim()), []);
  assert.deepEqual(keys, [...keys].sort());
});

test("every text that the program asks for exists", () => {
  assert.deepEqual([...keysUsed()].filter((key) => !(key in en)), []);
});

test("no text is left over", () => {
  const used = keysUsed();

  assert.deepEqual(Object.keys(en).filter((key) => !used.has(key) && !BY_CODE.test(key)), []);
});

test("places are filled, and numbers are counted as the language does", () => {
  useTexts("es", es);

  assert.equal(t("history.deleted", { title: "Turnos" }), "«Turnos» se ha borrado.");
  assert.equal(tCount("stage.queued", 1), "En la cola: 1 delante");
  assert.equal(tCount("stage.queued", 12345), "En la cola: 12.345 delante");
});

test("the language is the first wanted one that we speak", () => {
  assert.equal(guessLanguage(["de-DE", "es-MX", "en"]), "es");
  assert.equal(guessLanguage(["ca-ES"]), "es");
  assert.equal(guessLanguage(["fr", "it"]), "en");
});
