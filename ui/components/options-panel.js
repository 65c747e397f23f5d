/** How answers are to be written: a panel at the right, for those who want to try. */

import { button, h, iconButton, newElementId, on } from "../lib/elements.js";
import { number } from "../lib/formats.js";
import { t } from "../lib/texts.js";

/**
 * @typedef {"temperature" | "top_p" | "max_tokens"} OptionName
 * @typedef {{ name: OptionName, label: string, hint: string, least: number, most: number, step: number, usual: number }} Look
 */

/**
 * Returns the panel; put away at first.
 *
 * @param {{ onChange: (name: OptionName, value: number) => void, onReset: () => void }} actions What its controls do.
 */
export function createOptionsPanel({ onChange, onReset }) {
  const sliders = looks().map((look) => createSlider(look, onChange));
  const headingId = newElementId("options");
  const toggle = () => {
    element.hidden = !element.hidden;
    if (!element.hidden) sliders[0]?.focus();
  };
  const place = h("div", { class: "options-place" });
  const head = h("div", { class: "options-head" }, h("h2", { id: headingId }, t("options.title")), iconButton("close", t("options.close"), toggle));
  const element = h("aside", { class: "options", "aria-labelledby": headingId, hidden: true }, head, place, h("p", { class: "options-hint" }, t("options.lead")), ...sliders.map((slider) => slider.element), button(t("options.reset"), onReset));
  on(element, {
    keydown: (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      toggle();
    },
  });
  return {
    element,
    toggle,
    // For what concerns the open chat alone.
    place,

    /** @param {Partial<Record<OptionName, number>>} chosen What was chosen; the rest is as the model likes it. */
    update(chosen) {
      for (const slider of sliders) slider.update(chosen[slider.name] ?? null);
    },
  };
}

/** @returns {Look[]} The sliders. */
function looks() {
  return [
    { name: "temperature", label: t("options.temperature"), hint: t("options.temperature_hint"), least: 0, most: 2, step: 0.1, usual: 0.7 },
    { name: "top_p", label: t("options.top_p"), hint: t("options.top_p_hint"), least: 0.05, most: 1, step: 0.05, usual: 0.9 },
    { name: "max_tokens", label: t("options.max_tokens"), hint: t("options.max_tokens_hint"), least: 64, most: 8192, step: 64, usual: 1024 },
  ];
}

/**
 * @param {Look} look What it is about.
 * @param {(name: OptionName, value: number) => void} onChange Called with a new value.
 */
function createSlider({ name, label, hint, least, most, step, usual }, onChange) {
  const id = newElementId(name);
  const input = h("input", { id, type: "range", min: least, max: most, step, value: usual, "aria-describedby": `${id}-hint` });
  const value = h("output", { class: "options-value", for: id });
  const show = (/** @type {number | null} */ chosen) => {
    value.textContent = chosen === null ? t("options.usual") : number(chosen, 2);
    input.setAttribute("aria-valuetext", value.textContent);
  };
  on(input, { input: () => show(Number(input.value)), change: () => onChange(name, Number(input.value)) });
  const element = h("div", { class: "options-row" }, h("label", { for: id }, label), value, input, h("p", { id: `${id}-hint`, class: "options-hint" }, hint));
  return {
    name,
    element,
    focus: () => input.focus(),

    /** @param {number | null} chosen What was chosen; null if nothing was. */
    update(chosen) {
      input.value = String(chosen ?? usual);
      show(chosen);
    },
  };
}
