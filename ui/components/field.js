/** A labelled input with its hint and its error. */

import { fill, h, icon, newElementId, on, setAttribute } from "../lib/elements.js";
import { t } from "../lib/texts.js";

/**
 * @typedef {object} FieldLook
 * @property {string} label What to put in.
 * @property {string} name Name of the value.
 * @property {string} [type] Type of the input.
 * @property {AutoFill} autocomplete What browsers may fill in.
 * @property {string} [hint] A line below.
 * @property {string} [value] What it holds at first.
 * @property {string} [className] More classes of the input.
 * @property {boolean} [isOptional] Whether it may stay empty.
 */

/** @typedef {ReturnType<typeof createField>} Field */

/**
 * Returns a field.
 *
 * @param {FieldLook} look How it looks.
 */
export function createField({ label, name, type = "text", autocomplete, hint = "", value = "", className = "", isOptional = false }) {
  const id = newElementId(name);
  const input = h("input", { id, name, type, autocomplete, value, required: !isOptional, class: `field-input ${className}`.trim() });
  // Names and codes are not words of a dictionary.
  setAttribute(input, "spellcheck", "false");
  if (type !== "text") setAttribute(input, "autocapitalize", "none");
  const hintLine = h("p", { id: `${id}-hint`, class: "field-hint" }, hint);
  const errorLine = h("p", { id: `${id}-error`, class: "field-error", hidden: true });
  input.setAttribute("aria-describedby", `${id}-hint ${id}-error`);
  const box = h("div", { class: "field-box" }, input);
  const element = h("div", { class: "field" }, h("label", { class: "field-label", for: id }, label), box, hintLine, errorLine);
  const showError = (/** @type {string | null} */ text) => {
    setAttribute(errorLine, "hidden", text === null);
    setAttribute(input, "aria-invalid", text === null ? null : "true");
    fill(errorLine, text !== null && icon("warning"), text);
  };
  on(input, { input: () => showError(null) });
  return { element, input, box, hintLine, showError };
}

/**
 * Returns a password field with a button that shows what is typed.
 *
 * @param {{ label: string, autocomplete: "current-password" | "new-password", hint?: string, name?: string }} look How it looks.
 * @returns {Field} The field.
 */
export function createPasswordField({ label, autocomplete, hint = "", name = "password" }) {
  const field = createField({ label, name, type: "password", autocomplete, hint });
  const toggle = h("button", { type: "button", class: "field-toggle" });
  const show = (/** @type {boolean} */ isShown) => {
    field.input.type = isShown ? "text" : "password";
    toggle.setAttribute("aria-pressed", String(isShown));
    fill(toggle, icon(isShown ? "eye-off" : "eye"), h("span", {}, isShown ? t("password.hide") : t("password.show")));
  };
  on(toggle, { click: () => show(field.input.type === "password") });
  show(false);
  field.box.append(toggle);
  return field;
}

/**
 * Returns a field that nobody sees: it tells password managers whose password the form is about.
 *
 * @param {string} email Who.
 * @returns {HTMLInputElement} The field.
 */
export function createUserName(email) {
  return h("input", { type: "text", name: "username", autocomplete: "username", value: email, hidden: true });
}
