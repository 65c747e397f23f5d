/** The two languages side by side. */

import { h, on } from "../lib/elements.js";
import { language, t } from "../lib/texts.js";

/** @type {["es" | "en", string][]} */
const LANGUAGES = [["es", "Español"], ["en", "English"]];

/**
 * Returns the switch.
 *
 * @param {(language: "es" | "en") => void} onChoice Called with the chosen language.
 * @returns {HTMLElement} The switch.
 */
export function createLanguageSwitch(onChoice) {
  const element = h("div", { class: "segments", role: "group", "aria-label": t("language.choose") });
  for (const [code, name] of LANGUAGES) {
    const isCurrent = code === language();
    const choice = h("button", { type: "button", class: "segment", lang: code, "aria-pressed": String(isCurrent) }, name);
    element.append(on(choice, { click: () => onChoice(code) }));
  }
  return element;
}
