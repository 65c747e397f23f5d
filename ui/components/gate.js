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
 * @param {string} look.lead A sentence below it; may be empty.
 * @param {(Node | null)[]} look.content What follows.
 * @param {((language: "es" | "en") => void) | null} look.onLanguage Called with the chosen language; null where what is
 *   shown would be lost by the change.
 * @param {(Node | null)[]} [look.links] Ways to other gates.
 * @returns {HTMLElement} The frame.
 */
export function createGate({ title, lead, content, onLanguage, links = [] }) {
  const top = h("div", { class: "gate-top" }, createBrand(), onLanguage && createLanguageSwitch(onLanguage));
  const words = lead && h("p", { class: "gate-lead" }, lead);
  const card = h("div", { class: "gate-card" }, h("h1", { class: "gate-title", tabindex: -1 }, title), words, ...content);
  const ways = links.some(Boolean) && h("nav", { class: "gate-links", "aria-label": t("gate.ways") }, ...links);
  const foot = h("p", { class: "gate-foot" }, t("gate.local"));
  return h("main", { class: "gate" }, h("div", { class: "gate-column" }, top, card, ways, foot));
}

/**
 * Returns a way to another gate.
 *
 * @param {string} href Where.
 * @param {string} words What is there.
 * @returns {HTMLAnchorElement} The link.
 */
export function createGateLink(href, words) {
  return h("a", { class: "gate-link", href }, words);
}
