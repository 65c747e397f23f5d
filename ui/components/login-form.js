/** E-mail and password: on a page of its own, or over a page whose session has ended. */

import { t } from "../lib/texts.js";
import { createField, createPasswordField } from "./field.js";
import { createForm } from "./form.js";

/**
 * Returns the form.
 *
 * @param {object} look What it does.
 * @param {(email: string, password: string) => Promise<string | null>} look.send Signs in; returns what went wrong
 *   in words, null if nothing.
 * @param {string} [look.email] Who was signed in.
 * @returns {{ element: HTMLFormElement, focus: () => void }} The form.
 */
export function createLoginForm({ send, email = "" }) {
  const emailField = createField({ label: t("login.email"), name: "email", type: "email", autocomplete: "username", value: email });
  const passwordField = createPasswordField({ label: t("login.password"), autocomplete: "current-password" });
  const check = async () => {
    const [address, password] = [emailField.input.value.trim(), passwordField.input.value];
    emailField.showError(address ? null : t("login.email_missing"));
    passwordField.showError(password ? null : t("login.password_missing"));
    if (!address || !password) {
      (address ? passwordField : emailField).input.focus();
      return null;
    }
    const problem = await send(address, password);
    if (problem) passwordField.input.select();
    return problem;
  };
  const fields = [emailField.element, passwordField.element];
  const element = createForm({ fields, submit: t("login.submit"), busy: t("login.busy"), wait: t("login.slow"), send: check });
  return { element, focus: () => (email ? passwordField : emailField).input.focus() };
}
