/** Asking for an account, where the box takes such wishes; an administrator answers them. */

import { createField } from "../../components/field.js";
import { createForm } from "../../components/form.js";
import { createGate, createGateLink } from "../../components/gate.js";
import { createNewPassword } from "../../components/new-password.js";
import { createRemark } from "../../components/panel.js";
import { fill } from "../../lib/elements.js";
import { language, t } from "../../lib/texts.js";
import { isComplete, shownAtField } from "../failing.js";
import { emailProblem } from "../typing.js";

/**
 * Shows the page.
 *
 * @param {HTMLElement} root Where.
 * @param {import("../context.js").GateContext} context What it works with.
 */
export function mountRegister(root, { accounts, onLanguage }) {
  document.title = `${t("register.title")} – Nodo`;
  const name = createField({ label: t("setup.name"), name: "name", autocomplete: "name" });
  const email = createField({ label: t("setup.email"), name: "email", type: "email", autocomplete: "username", hint: t("setup.email_hint") });
  const password = createNewPassword({ label: t("setup.password"), known: () => [name.input.value, email.input.value] });
  const fields = { name, email, password };
  const links = [createGateLink("#/", t("gate.back"))];
  const send = async () => {
    const values = { name: name.input.value.trim(), email: email.input.value.trim(), password: password.input.value };
    const problems = { name: values.name ? null : t("setup.name_missing"), email: emailProblem(values.email), password: password.problem() };
    if (!isComplete(fields, problems)) return null;
    try {
      await accounts.register({ ...values, language: language() });
    } catch (error) {
      return shownAtField(error, fields);
    }
    const done = createRemark(t("register.done"), "good");
    fill(root, createGate({ title: t("register.done_title"), lead: "", content: [done], onLanguage: null, links }));
    focusHeading(root);
    return null;
  };
  const form = createForm({ fields: [name.element, email.element, password.element], submit: t("register.submit"), busy: t("register.busy"), send });
  fill(root, createGate({ title: t("register.title"), lead: t("register.lead"), content: [form], onLanguage, links }));
  name.input.focus();
}

/** @param {HTMLElement} root Where a page has just been drawn; its heading is read out. */
function focusHeading(root) {
  root.querySelector("h1")?.focus();
}
