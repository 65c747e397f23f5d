/** A part of a page: its heading, a sentence, what it holds. */

import { h, icon, newElementId } from "../lib/elements.js";

/**
 * Returns the part.
 *
 * @param {string} title Its heading.
 * @param {string} lead A sentence below; may be empty.
 * @param {...(Node | null)} content What it holds.
 * @returns {HTMLElement} The part.
 */
export function createPanel(title, lead, ...content) {
  const id = newElementId("panel");
  const words = lead && h("p", { class: "panel-lead" }, lead);
  return h("section", { class: "panel", "aria-labelledby": id }, h("h3", { id, class: "panel-title" }, title), words, ...content);
}

/**
 * Returns a small mark with words: a state is never told by its colour alone.
 *
 * @param {string} symbol Its picture.
 * @param {string} words What it says.
 * @param {"good" | "calm" | "bad"} kind How it looks.
 * @returns {HTMLElement} The mark.
 */
export function createMark(symbol, words, kind) {
  return h("span", { class: `mark mark-${kind}` }, icon(symbol), h("span", {}, words));
}

/**
 * Returns a framed sentence that one should have read.
 *
 * @param {string} text The sentence.
 * @param {"calm" | "warn" | "bad" | "good"} [kind] How it looks.
 * @param {...Node} more What follows it.
 * @returns {HTMLElement} The frame.
 */
export function createRemark(text, kind = "calm", ...more) {
  const symbol = { calm: "info", warn: "warning", bad: "warning", good: "check" }[kind];
  return h("div", { class: `remark remark-${kind}` }, icon(symbol), h("div", { class: "remark-words" }, h("p", {}, text), ...more));
}
