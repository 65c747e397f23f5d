/** Signing in again, over the page whose session has ended. */

import { createLoginForm } from "../../components/login-form.js";
import { openModal } from "../../components/modal.js";
import { button, h } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { makeSender } from "./page.js";

/**
 * Opens the dialog; it stays until somebody has signed in or left.
 *
 * @param {object} needs What it needs.
 * @param {import("../../api/accounts.js").Accounts} needs.accounts Signs in.
 * @param {string} needs.email Who was signed in.
 * @param {() => Promise<void>} needs.onOther Asked for another account.
 */
export function openLogin({ accounts, email, onOther }) {
  const form = createLoginForm({ send: makeSender(accounts, () => modal.close()), email });
  const leave = async () => {
    await onOther();
    modal.close();
  };
  const other = button(t("session.leave"), () => void leave(), { kind: "quiet" });
  const modal = openModal({ title: t("session.ended"), canClose: false, content: () => [h("p", {}, t("session.kept")), form.element, other] });
  form.focus();
}
