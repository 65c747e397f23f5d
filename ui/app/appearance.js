/** The language: what was chosen, else what the browser says. */

import { preference } from "../lib/storage.js";
import { guessLanguage, useTexts } from "../lib/texts.js";

/** @typedef {import("../lib/texts.js").Language} Language */

/**
 * Returns the language to begin with.
 *
 * @returns {Language} The chosen one, else one that the browser wants.
 */
export function firstLanguage() {
  const chosen = preference("language");
  return chosen === "es" || chosen === "en" ? chosen : guessLanguage(navigator.languages);
}

/**
 * Loads the texts of a language and uses them.
 *
 * @param {Language} language Which.
 */
export async function setLanguage(language) {
  const catalogue = language === "es" ? await import("../strings/es.json", { with: { type: "json" } }) : await import("../strings/en.json", { with: { type: "json" } });
  useTexts(language, catalogue.default);
  document.documentElement.lang = language;
}
