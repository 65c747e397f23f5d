/** Light, dark, or as the system. */

import { preference, setPreference } from "./storage.js";

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
