/** A number between two ends, or none: then what is decided elsewhere holds. */

import { fill, h, newElementId, on } from "../lib/elements.js";
import { number } from "../lib/formats.js";

/**
 * Returns the slider.
 *
 * @param {object} look What it shows.
 * @param {string} look.label What is chosen.
 * @param {string} look.hint A line below.
 * @param {number} look.from The least.
 * @param {number} look.to The most.
 * @param {number} look.step How finely.
 * @param {number | null} look.value At first; null for none.
 * @param {string} look.unset Words for none.
 */
export function createSlider({ label, hint, from, to, step, value, unset }) {
  const id = newElementId("slider");
  const input = h("input", { id, type: "range", class: "slider", min: from, max: to, step, "aria-describedby": `${id}-hint` });
  const shown = h("output", { class: "slider-value", for: id });
  const state = { value };
  const show = (/** @type {number | null} */ wanted) => {
    state.value = wanted;
    input.value = String(wanted ?? (from + to) / 2);
    const words = wanted === null ? unset : number(wanted, 2);
    fill(shown, words);
    input.setAttribute("aria-valuetext", words);
    input.dataset["isSet"] = String(wanted !== null);
  };
  on(input, { input: () => show(Number(input.value)) });
  show(value);
  const head = h("div", { class: "slider-head" }, h("label", { class: "field-label", for: id }, label), shown);
  const element = h("div", { class: "field" }, head, input, h("p", { id: `${id}-hint`, class: "field-hint" }, hint));
  return { element, show, value: () => state.value };
}
