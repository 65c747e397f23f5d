/** Signing in. */

import { problemIn } from "../../api/failures.js";
import { createGate } from "../../components/gate.js";
import { createLoginForm } from "../../components/login-form.js";
import { fill } from "../../lib/elements.js";
import { wordsFor } from "../../lib/problems.js";
import { t } from "../../lib/texts.js";

/** @typedef {import("../../api/types.js").User} User */

/**
 * Shows the page.
 *
 * @param {HTMLElement} root Where.
 * @param {object} needs What it needs.
 * @param {import("../../api/accounts.js").Accounts} needs.accounts Signs in.
 * @param {(user: User) => void} needs.onEntered Called with the person.
 * @param {(language: "es" | "en") => void} needs.onLanguage Called with the chosen language.
 */
export function mountLogin(root, { accounts, onEntered, onLanguage }) {
  document.title = `${t("login.title")} – Nodo`;
  const form = createLoginForm({ send: makeSender(accounts, onEntered) });
  fill(root, createGate({ title: t("login.title"), lead: t("login.lead"), content: [form.element], onLanguage }));
  form.focus();
}

/**
 * Returns what the form does.
 *
 * @param {import("../../api/accounts.js").Accounts} accounts Signs in.
 * @param {(user: User) => void} onEntered Called with the person.
 * @returns {(email: string, password: string) => Promise<string | null>} Returns what went wrong in words.
 */
export function makeSender(accounts, onEntered) {
  return async (email, password) => {
    try {
      onEntered(await accounts.logIn({ email, password }));
      return null;
    } catch (error) {
      const words = wordsFor(problemIn(error));
      return `${words.what} ${words.hint}`.trim();
    }
  };
}
