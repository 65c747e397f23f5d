/** "Confirm that it is you": asked before something that a stranger at an open screen must not do. */

import { ProblemError } from "../../api/failures.js";
import { makeOwnAccount } from "../../api/own-account.js";
import { createField, createPasswordField, createUserName } from "../../components/field.js";
import { createForm } from "../../components/form.js";
import { openModal } from "../../components/modal.js";
import { h, setAttribute } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { isComplete, wordsOf } from "../failing.js";

/** @typedef {import("../../components/field.js").Field} Field */

const CODE_ASKED_FOR = ["mfa_code_missing"];

/**
 * Opens the dialog.
 *
 * @param {import("../../api/client.js").Client} client Sends what was typed.
 * @param {{ email: string, hasSecondFactor: boolean }} account Whose it is, and whether it asks for a second factor.
 * @returns {Promise<boolean>} Whether the person has confirmed.
 */
export function openConfirmation(client, { email, hasSecondFactor }) {
  const { confirm } = makeOwnAccount(client);
  const password = createPasswordField({ label: t("login.password"), autocomplete: "current-password" });
  const code = createField({ label: t("code.label"), name: "code", autocomplete: "one-time-code", hint: t("code.hint"), className: "field-code" });
  setAttribute(code.element, "hidden", !hasSecondFactor);
  let isConfirmed = false;
  const send = async () => {
    const values = valuesOf(password, code);
    if (!values) return null;
    try {
      await confirm(values);
      isConfirmed = true;
      modal.close();
      return null;
    } catch (error) {
      if (!isCodeWanted(error) || !code.element.hidden) return wordsOf(error);
      setAttribute(code.element, "hidden", false);
      code.input.focus();
      return null;
    }
  };
  const look = { submit: t("confirm.submit"), busy: t("confirm.busy"), wait: t("login.slow"), cancel: t("ask.cancel") };
  const form = createForm({ fields: [createUserName(email), password.element, code.element], ...look, isSmall: true, onCancel: () => modal.close(), send });
  const modal = openModal({ title: t("confirm.title"), content: () => [h("p", {}, t("confirm.lead")), form] });
  password.input.focus();
  return new Promise((resolve) => {
    modal.element.addEventListener("close", () => resolve(isConfirmed), { once: true });
  });
}

/**
 * @param {Field} password The password.
 * @param {Field} code The second factor; hidden where it is not asked for.
 * @returns {{ password: string, code?: string } | null} What was typed; null if something is missing, which is said.
 */
function valuesOf(password, code) {
  const typed = { password: password.input.value, code: code.input.value.trim() };
  const isAsked = !code.element.hidden;
  const problems = { password: typed.password ? null : t("login.password_missing"), code: isAsked && !typed.code ? t("code.missing") : null };
  if (!isComplete({ password, code }, problems)) return null;
  return isAsked ? typed : { password: typed.password };
}

/**
 * @param {unknown} error What was thrown.
 * @returns {boolean} Whether the box wants the second factor too.
 */
function isCodeWanted(error) {
  return error instanceof ProblemError && CODE_ASKED_FOR.includes(error.problem.code);
}
