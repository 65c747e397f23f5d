/** The frame of the pages before sign-in: a card, the mark, the language. */

import { h } from "../lib/elements.js";
import { t } from "../lib/texts.js";
import { createBrand } from "./brand.js";
import { createLanguageSwitch } from "./language-switch.js";

/**
 * Returns the frame.
 *
 * @param {object} look What it shows.
 * @param {string} look.title The heading.
 * @param {string} look.lead A sentence below it.
 * @param {Node[]} look.content What follows.
 * @param {(language: "es" | "en") => void} look.onLanguage Called with the chosen language.
 * @returns {HTMLElement} The frame.
 */
export function createGate({ title, lead, content, onLanguage }) {
  const top = h("div", { class: "gate-top" }, createBrand(), createLanguageSwitch(onLanguage));
  const card = h("div", { class: "gate-card" }, h("h1", { class: "gate-title" }, title), h("p", { class: "gate-lead" }, lead), ...content);
  const foot = h("p", { class: "gate-foot" }, t("gate.local"));
  return h("main", { class: "gate" }, h("div", { class: "gate-column" }, top, card, foot));
}
