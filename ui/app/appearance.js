/** Theme and language: what was chosen, else what the browser says. */

import { preference, setPreference } from "../lib/storage.js";
import { guessLanguage, useTexts } from "../lib/texts.js";

/** @typedef {import("../lib/texts.js").Language} Language */
/** @typedef {"light" | "dark" | "system"} Theme */

/**
 * Returns the theme that was chosen.
 *
 * @returns {Theme} It.
 */
export function chosenTheme() {
  const theme = preference("theme");
  return theme === "light" || theme === "dark" ? theme : "system";
}

/**
 * Shows a theme and remembers it.
 *
 * @param {Theme} theme Which.
 */
export function setTheme(theme) {
  setPreference("theme", theme === "system" ? null : theme);
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

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
