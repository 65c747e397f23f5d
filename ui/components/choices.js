/** Choosing one of several, or switching one thing on: native controls with their words. */

import { h, newElementId, on } from "../lib/elements.js";

/**
 * @typedef {{ value: string, label: string, hint?: string }} Choice
 */

/**
 * Returns a labelled list to choose one from.
 *
 * @param {object} look What it shows.
 * @param {string} look.label What is chosen.
 * @param {string} look.name Name of the value.
 * @param {readonly Choice[]} look.choices What there is.
 * @param {string} [look.value] What is chosen at first.
 * @param {string} [look.hint] A line below.
 * @returns {{ element: HTMLElement, select: HTMLSelectElement }} The list.
 */
export function createSelect({ label, name, choices, value = "", hint = "" }) {
  const id = newElementId(name);
  const options = choices.map((choice) => h("option", { value: choice.value, selected: choice.value === value }, choice.label));
  const select = h("select", { id, name, class: "field-input", "aria-describedby": hint ? `${id}-hint` : null }, ...options);
  const hintLine = hint ? h("p", { id: `${id}-hint`, class: "field-hint" }, hint) : null;
  return { element: h("div", { class: "field" }, h("label", { class: "field-label", for: id }, label), select, hintLine), select };
}

/**
 * Returns a group of round buttons of which one is pressed.
 *
 * @param {object} look What it shows.
 * @param {string} look.label What is chosen.
 * @param {string} look.name Name of the value.
 * @param {readonly Choice[]} look.choices What there is.
 * @param {string} look.value What is chosen at first.
 * @param {(value: string) => void} [look.onChoice] Called with a new choice.
 * @returns {{ element: HTMLFieldSetElement, show: (value: string) => void }} The group.
 */
export function createRadios({ label, name, choices, value, onChoice }) {
  const group = newElementId(name);
  const inputs = choices.map((choice) => h("input", { type: "radio", name: group, value: choice.value, checked: choice.value === value }));
  const rows = choices.map((choice, at) => {
    const words = h("span", { class: "choice-words" }, h("span", {}, choice.label), choice.hint && h("span", { class: "field-hint" }, choice.hint));
    return h("label", { class: "choice" }, inputs[at], words);
  });
  for (const input of inputs) on(input, { change: () => onChoice?.(input.value) });
  const element = h("fieldset", { class: "choices" }, h("legend", { class: "field-label" }, label), ...rows);
  const show = (/** @type {string} */ wanted) => {
    for (const input of inputs) input.checked = input.value === wanted;
  };
  return { element, show };
}

/**
 * Returns a box to tick, with its words beside it.
 *
 * @param {object} look What it shows.
 * @param {string} look.label What is switched on.
 * @param {string} [look.hint] A line below.
 * @param {boolean} [look.isOn] Whether it is at first.
 * @param {string} [look.value] Its value among others of its kind.
 * @param {(isOn: boolean) => void} [look.onChange] Called at each change.
 * @returns {{ element: HTMLLabelElement, input: HTMLInputElement }} The box.
 */
export function createTick({ label, hint = "", isOn = false, value = "on", onChange }) {
  const input = h("input", { type: "checkbox", checked: isOn, value });
  on(input, { change: () => onChange?.(input.checked) });
  const words = h("span", { class: "choice-words" }, h("span", {}, label), hint && h("span", { class: "field-hint" }, hint));
  return { element: h("label", { class: "choice" }, input, words), input };
}
