import assert from "node:assert/strict";
import { test } from "node:test";

import { pathOf } from "../../ui/lib/branches.js";
import { groupedByDay } from "../../ui/lib/days.js";
import { delayMs } from "../../ui/lib/backoff.js";
import { shortcutOf } from "../../ui/lib/keys.js";
import { strengthOf } from "../../ui/lib/strength.js";
import { gateOf, routeOf } from "../../ui/app/router.js";

const NONE = new Map();
const press = (key, mods = "") => ({ key, ctrlKey: mods.includes("c"), metaKey: mods.includes("m"), shiftKey: mods.includes("s"), altKey: mods.includes("a") });
const message = (id, parent_id) => ({ id, parent_id });
const idsOf = (path) => path.map(({ message: { id } }) => id);

test("a path leads to the newest message", () => {
  const messages = [message("q1", null), message("a1", "q1"), message("a2", "q1"), message("q2", "a1"), message("b1", "q2")];

  assert.deepEqual(idsOf(pathOf(messages, NONE)), ["q1", "a1", "q2", "b1"]);
});

test("a chosen version is shown with what follows it", () => {
  const messages = [message("q1", null), message("a1", "q1"), message("a2", "q1"), message("q2", "a1")];

  const path = pathOf(messages, new Map([["q1", "a2"]]));

  assert.deepEqual(idsOf(path), ["q1", "a2"]);
  assert.deepEqual(path[1].versions, ["a1", "a2"]);
  assert.equal(path[1].index, 1);
});

test("an edited first question is another root beside the old one", () => {
  const messages = [message("q1", null), message("a1", "q1"), message("q2", null), message("a2", "q2")];

  const path = pathOf(messages, NONE);

  assert.deepEqual(idsOf(path), ["q2", "a2"]);
  assert.deepEqual(path[0].versions, ["q1", "q2"]);
});

test("a page whose older messages are not loaded starts at its oldest ancestor", () => {
  const messages = [message("a4", "q4"), message("b2", "other"), message("q5", "a4"), message("a5", "q5")];

  assert.deepEqual(idsOf(pathOf(messages, NONE)), ["a4", "q5", "a5"]);
});

test("nothing is no path", () => {
  assert.deepEqual(pathOf([], NONE), []);
});

test("conversations are grouped by local days and months", () => {
  const now = new Date(2026, 2, 15, 0, 30);
  const at = (...parts) => new Date(...parts).toISOString();
  const items = [at(2026, 2, 15, 0, 1), at(2026, 2, 14, 23, 59), at(2026, 2, 8), at(2026, 1, 20), at(2026, 0, 31), at(2026, 0, 2)];

  const groups = groupedByDay(items, (item) => item, now).map(({ kind, items: { length } }) => [kind, length]);

  assert.deepEqual(groups, [["today", 1], ["yesterday", 1], ["week", 1], ["thirty", 1], ["month", 2]]);
});

test("a clock that is ahead is still today", () => {
  const now = new Date(2026, 2, 15, 12);

  const [group] = groupedByDay([new Date(2026, 2, 16, 3).toISOString()], (item) => item, now);

  assert.equal(group.kind, "today");
});

test("tries are further and further apart, but never far", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 20].map(delayMs), [500, 1000, 2000, 4000, 8000, 8000]);
});

test("shortcuts go by the key, with Ctrl or Cmd", () => {
  assert.equal(shortcutOf(press("k", "c"), true), "search");
  assert.equal(shortcutOf(press("O", "ms"), false), "new-chat");
  assert.equal(shortcutOf(press("F1"), true), "help");
  assert.equal(shortcutOf(press("Escape", "s"), true), "composer");
});

test("AltGr writes characters and a slash in a field is a slash", () => {
  assert.equal(shortcutOf(press("k", "ca"), false), null);
  assert.equal(shortcutOf(press("/"), true), null);
  assert.equal(shortcutOf(press("/", "s"), false), "composer");
});

test("length makes a password good, being guessable does not", () => {
  assert.equal(strengthOf("Zb1$kT7"), "short");
  assert.equal(strengthOf("Zb1$kT7!"), "good");
  assert.equal(strengthOf("aaaaaaaaaaaa"), "weak");
  assert.equal(strengthOf("password1234"), "weak");
  assert.equal(strengthOf("caballo azul bajo la mesa"), "strong");
  assert.equal(strengthOf("ruizgarcia26", ["Ana Ruiz García", "ruizgarcia@taller.example"]), "weak");
});

test("an address names its page, and a broken one a new chat or its text", () => {
  assert.deepEqual(routeOf("#/models"), { page: "models", path: [], query: {} });
  assert.deepEqual(routeOf(""), { page: "chat", path: [], query: {} });
  assert.deepEqual(routeOf("#/chat/a%20b"), { page: "chat", path: ["a b"], query: {} });
  assert.deepEqual(routeOf("#/chat/%E0%A4%A"), { page: "chat", path: ["%E0%A4%A"], query: {} });
  assert.deepEqual(routeOf("#/nowhere/7"), { page: "chat", path: [], query: {} });
  assert.deepEqual(routeOf("#/search?q=a%20b?c"), { page: "search", path: [], query: { q: "a b?c" } });
  assert.deepEqual(routeOf("#/settings/security"), { page: "settings", path: ["security"], query: {} });
});

test("a gate is for somebody who is not signed in", () => {
  assert.equal(gateOf(routeOf("#/join?code=1234")), "join");
  assert.equal(gateOf(routeOf("#/settings")), null);
});
