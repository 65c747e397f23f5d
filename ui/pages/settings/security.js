/** How one gets in: password, second step, recovery codes, and where one is signed in. */

import { createPasswordField, createUserName } from "../../components/field.js";
import { createForm } from "../../components/form.js";
import { createNewPassword } from "../../components/new-password.js";
import { createPanel } from "../../components/panel.js";
import { fill } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { isComplete, shownAtField } from "../failing.js";
import { createRecoveryPanel } from "./recovery.js";
import { createSecondStep } from "./second-step.js";
import { createSessionsPanel } from "./sessions.js";

/** @typedef {import("./page.js").Part} Part */

/**
 * Shows the part.
 *
 * @param {HTMLElement} content Where.
 * @param {Part} part What it works with.
 */
export function showSecurity(content, part) {
  const sessions = createSessionsPanel(part);
  const recovery = createRecoveryPanel(part);
  const second = createSecondStep(part, { onChange: recovery.refresh });
  const password = createPanel(t("login.password"), t("security.password_lead"), createPasswordForm(part, sessions.refresh));
  fill(content, password, second, recovery.element, sessions.element);
}

/**
 * @param {Part} part What it works with.
 * @param {() => void} onChange Called after a change: other sessions have ended.
 * @returns {HTMLFormElement} The old and the new password.
 */
function createPasswordForm({ context, account }, onChange) {
  const current = createPasswordField({ label: t("security.current"), autocomplete: "current-password", name: "current_password" });
  const next = createNewPassword({ label: t("password.new"), name: "new_password", known: () => [context.user.name, context.user.email] });
  const fields = { current_password: current, new_password: next };
  const send = async () => {
    const body = { current_password: current.input.value, new_password: next.input.value };
    const problems = { current_password: body.current_password ? null : t("login.password_missing"), new_password: next.problem() };
    if (!isComplete(fields, problems)) return null;
    try {
      await account.changePassword(body);
    } catch (error) {
      const byCode = { wrong_password: "current_password", password_length: "new_password", password_common: "new_password", password_personal: "new_password" };
      return shownAtField(error, fields, byCode);
    }
    for (const field of [current, next]) field.input.value = "";
    next.showStrength();
    context.toasts.show(t("security.password_saved"));
    onChange();
    return null;
  };
  const elements = [createUserName(context.user.email), current.element, next.element];
  return createForm({ fields: elements, submit: t("security.change_password"), busy: t("form.saving"), wait: t("login.slow"), isSmall: true, send });
}
