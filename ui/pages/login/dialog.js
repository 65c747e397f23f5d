/** Signing in again, over the page whose session has ended. */

import { openModal } from "../../components/modal.js";
import { button, h } from "../../lib/elements.js";
import { wordsFor } from "../../lib/problems.js";
import { t } from "../../lib/texts.js";
import { createSigningIn } from "./signing-in.js";

// Beyond these, that the session has ended says all.
const TOLD = ["account_disabled"];

/**
 * Opens the dialog; it stays until somebody has signed in or left.
 *
 * @param {object} needs What it needs.
 * @param {import("../../api/accounts.js").Accounts} needs.accounts Signs in.
 * @param {string} needs.email Who was signed in.
 * @param {import("../../api/types.js").Problem} [needs.problem] Why the session has ended, as far as the box says it.
 * @param {() => Promise<void>} needs.onOther Asked for another account.
 */
export function openLogin({ accounts, email, problem, onOther }) {
  const form = createSigningIn({ accounts, onEntered: () => modal.close(), email });
  const leave = async () => {
    await onOther();
    modal.close();
  };
  const other = button(t("session.leave"), () => void leave(), { kind: "quiet" });
  const words = problem && TOLD.includes(problem.code) ? wordsFor(problem) : null;
  const lead = words ? `${words.what} ${words.hint}` : t("session.kept");
  const modal = openModal({ title: t("session.ended"), canClose: false, content: () => [h("p", {}, lead), form.element, other] });
  form.focus();
}
