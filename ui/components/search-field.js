/** A field that searches when the typing pauses. */

import { h, newElementId, on } from "../lib/elements.js";

const TYPING_PAUSE_MS = 250;

/**
 * Returns the field.
 *
 * @param {object} look What it does.
 * @param {string} look.label What is searched.
 * @param {(query: string) => void} look.onQuery Called when the typing pauses.
 * @returns {HTMLElement} The field with its label.
 */
export function createSearchField({ label, onQuery }) {
  const id = newElementId("search");
  const input = h("input", { id, type: "search", class: "field-input", autocomplete: "off", spellcheck: "false" });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  on(input, {
    input: () => {
      clearTimeout(timer);
      timer = setTimeout(() => onQuery(input.value.trim()), TYPING_PAUSE_MS);
    },
  });
  return h("div", { class: "field" }, h("label", { class: "field-label", for: id }, label), input);
}
