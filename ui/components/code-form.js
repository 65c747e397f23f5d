/** The second step of signing in: the code of an authenticator app, or a recovery code. */

import { h } from "../lib/elements.js";
import { t } from "../lib/texts.js";
import { createField } from "./field.js";
import { createForm } from "./form.js";

/**
 * Returns the form.
 *
 * @param {object} look What it does.
 * @param {(code: string) => Promise<string | null>} look.send Sends a code; returns what went wrong in words, null if nothing.
 * @param {() => void} look.onBack Asked for the first step.
 * @returns {{ element: HTMLFormElement, focus: () => void }} The form.
 */
export function createCodeForm({ send, onBack }) {
  const field = createField({ label: t("code.label"), name: "code", autocomplete: "one-time-code", hint: t("code.hint"), className: "field-code" });
  const check = async () => {
    const code = field.input.value.trim();
    field.showError(code ? null : t("code.missing"));
    if (!code) {
      field.input.focus();
      return null;
    }
    const problem = await send(code);
    if (problem) field.input.select();
    return problem;
  };
  const lead = h("p", {}, t("code.lead"));
  const look = { submit: t("code.submit"), busy: t("login.busy"), wait: t("login.slow"), onCancel: onBack, cancel: t("code.back") };
  return { element: createForm({ fields: [lead, field.element], ...look, send: check }), focus: () => field.input.focus() };
}
