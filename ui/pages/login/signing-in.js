/** Signing in, with the second step where the account asks for one. */

import { ProblemError } from "../../api/failures.js";
import { createCodeForm } from "../../components/code-form.js";
import { createLoginForm } from "../../components/login-form.js";
import { fill, h } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { wordsOf } from "../failing.js";

/**
 * Returns the place where the steps stand.
 *
 * @param {object} needs What it needs.
 * @param {import("../../api/accounts.js").Accounts} needs.accounts Signs in.
 * @param {(user: import("../../api/types.js").User) => void} needs.onEntered Called with the person.
 * @param {string} [needs.email] Who was signed in.
 */
export function createSigningIn({ accounts, onEntered, email = "" }) {
  const element = h("div", { class: "signing-in" });
  const logIn = async (/** @type {{ email: string, password: string }} */ who) => {
    try {
      onEntered(await accounts.logIn(who));
      return null;
    } catch (error) {
      const token = secondStepOf(error);
      if (token === null) return wordsOf(error);
      askForCode(token);
      return null;
    }
  };
  const form = createLoginForm({ send: (address, password) => logIn({ email: address, password }), email });
  const askForPassword = (/** @type {string} */ problem) => {
    fill(element, problem && h("p", { class: "form-problem", role: "alert" }, problem), form.element);
    form.focus();
  };
  const askForCode = (/** @type {string} */ token) => {
    const send = async (/** @type {string} */ code) => {
      try {
        onEntered(await accounts.verify({ mfa_token: token, code }));
        return null;
      } catch (error) {
        const text = wordsOf(error);
        if (!hasStepEnded(error)) return text;
        askForPassword(text ?? t("code.too_late"));
        return null;
      }
    };
    const step = createCodeForm({ send, onBack: () => askForPassword("") });
    fill(element, step.element);
    step.focus();
  };
  fill(element, form.element);
  return { element, focus: form.focus, logIn };
}

/**
 * @param {unknown} error What was thrown.
 * @returns {string | null} The token for the second step; null if it is not asked for.
 */
function secondStepOf(error) {
  if (!(error instanceof ProblemError) || error.problem.code !== "mfa_required") return null;
  const { mfa_token: token } = /** @type {{ mfa_token?: string }} */ (error.problem);
  return token ?? null;
}

/**
 * @param {unknown} error What was thrown.
 * @returns {boolean} Whether the password has to be given again.
 */
function hasStepEnded(error) {
  return error instanceof ProblemError && error.problem.status === 401 && !error.problem.code.startsWith("wrong_");
}
