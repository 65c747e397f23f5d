/** The person's menu: language, theme, habits, keys, leaving. */

import { connectDisclosure } from "../components/disclosure.js";
import { createLanguageSwitch } from "../components/language-switch.js";
import { button, h, icon, on } from "../lib/elements.js";
import { preference } from "../lib/storage.js";
import { t } from "../lib/texts.js";
import { chosenTheme } from "../lib/theme.js";

/**
 * @typedef {import("../api/types.js").Preferences} Preferences
 * @typedef {import("../lib/texts.js").Language} Language
 */

/**
 * Returns the menu.
 *
 * @param {object} look What it does.
 * @param {import("../api/types.js").User} look.user Whose it is.
 * @param {(language: Language) => void} look.onLanguage Called with the chosen language.
 * @param {(changes: Preferences) => void} look.onHabit Called with what the person would rather have from now on.
 * @param {() => void} look.onHelp Asked for the list of keys.
 * @param {() => void} look.onLeave Asked to sign out.
 * @param {AbortSignal} signal Ends it.
 * @returns {HTMLElement} The menu.
 */
export function createUserMenu({ user, onLanguage, onHabit, onHelp, onLeave }, signal) {
  const initial = (user.name.trim() || user.email).charAt(0).toUpperCase();
  const who = h("span", { class: "user-who" }, h("span", { class: "user-name" }, user.name), h("span", { class: "user-email" }, user.email));
  const opener = h("button", { type: "button", class: "user-opener" }, h("span", { class: "user-initial", "aria-hidden": "true" }, initial), who, icon("up-down"));
  opener.append(h("span", { class: "visually-hidden" }, `, ${t("user.menu")}`));
  const panel = h(
    "div",
    { class: "user-panel" },
    row(t("language.name"), createLanguageSwitch(onLanguage)),
    row(t("theme.name"), createThemeSwitch(onHabit)),
    createFollowChoice(onHabit),
    h("hr", { class: "user-line" }),
    h("a", { class: "button button-quiet", href: "#/settings" }, icon("sliders"), h("span", {}, t("nav.settings"))),
    button(t("user.keys"), onHelp, { kind: "quiet", symbol: "keyboard" }),
    button(t("user.leave"), onLeave, { kind: "quiet", symbol: "leave" }),
  );
  const element = h("div", { class: "user" }, opener, panel);
  connectDisclosure(element, opener, panel, signal);
  return element;
}

/**
 * @param {string} name What it is about.
 * @param {HTMLElement} control The control.
 * @returns {HTMLElement} Both.
 */
function row(name, control) {
  return h("div", { class: "user-row" }, h("span", { class: "user-label" }, name), control);
}

/**
 * @param {(changes: Preferences) => void} onHabit Called with the choice.
 * @returns {HTMLElement} Light, dark or as the system.
 */
function createThemeSwitch(onHabit) {
  const element = h("div", { class: "segments", role: "group", "aria-label": t("theme.name") });
  /** @type {[import("../lib/theme.js").Theme, string, string][]} */
  const themes = [["light", "sun", t("theme.light")], ["dark", "moon", t("theme.dark")], ["system", "screen", t("theme.system")]];
  const choices = themes.map(([theme, symbol, name]) => {
    const choice = h("button", { type: "button", class: "segment", "aria-label": name, title: name, "aria-pressed": String(theme === chosenTheme()) }, icon(symbol));
    return on(choice, {
      click: () => {
        onHabit({ theme });
        for (const other of choices) other.setAttribute("aria-pressed", String(other === choice));
      },
    });
  });
  element.append(...choices);
  return element;
}

/**
 * @param {(changes: Preferences) => void} onHabit Called with the choice.
 * @returns {HTMLElement} Whether the page follows a growing answer.
 */
function createFollowChoice(onHabit) {
  const box = h("input", { type: "checkbox", checked: preference("follow") !== "off" });
  on(box, { change: () => onHabit({ follow_answer: box.checked }) });
  return h("label", { class: "check" }, box, h("span", {}, t("user.follow")));
}
