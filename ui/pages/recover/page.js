/** A forgotten password: the owner's recovery codes, and what everybody else can do. */

import { problemIn } from "../../api/failures.js";
import { createField } from "../../components/field.js";
import { createForm } from "../../components/form.js";
import { createGate, createGateLink } from "../../components/gate.js";
import { createNewPassword } from "../../components/new-password.js";
import { fill, h, setAttribute } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { isComplete, shownAtField } from "../failing.js";
import { emailProblem } from "../typing.js";

/** @typedef {import("../context.js").GateContext} GateContext */

const SECOND_ASKED_FOR = ["mfa_code_missing"];
const AT_FIELD = { wrong_recovery_code: "recovery_code", wrong_code: "code" };

/**
 * Shows the page.
 *
 * @param {HTMLElement} root Where.
 * @param {GateContext} context What it works with.
 */
export function mountRecover(root, context) {
  document.title = `${t("recover.title")} – Nodo`;
  const everybody = h("section", { class: "gate-part" }, h("h2", {}, t("recover.others_title")), h("p", {}, t("recover.others")), createGateLink("#/join", t("login.have_code")));
  const form = createOwnerForm(context);
  const owner = h("details", { class: "gate-part" }, h("summary", {}, t("recover.owner_title")), h("p", {}, t("recover.owner")), form);
  const links = [createGateLink("#/", t("gate.back"))];
  fill(root, createGate({ title: t("recover.title"), lead: "", content: [everybody, owner], onLanguage: context.onLanguage, links }));
  root.querySelector("h1")?.focus();
}

/**
 * @param {GateContext} context What it works with.
 * @returns {HTMLFormElement} E-mail, recovery code and a new password.
 */
function createOwnerForm({ accounts, onEntered }) {
  const email = createField({ label: t("login.email"), name: "email", type: "email", autocomplete: "username" });
  const recovery = createField({ label: t("recover.code"), name: "recovery_code", autocomplete: "off", hint: t("recover.code_hint"), className: "field-code" });
  const second = createField({ label: t("recover.second"), name: "code", autocomplete: "one-time-code", hint: t("recover.second_hint"), className: "field-code", isOptional: true });
  const password = createNewPassword({ label: t("password.new"), known: () => [email.input.value] });
  const fields = { email, recovery_code: recovery, code: second, password };
  setAttribute(second.element, "hidden", true);
  const send = async () => {
    const values = { email: email.input.value.trim(), recovery_code: recovery.input.value.trim(), password: password.input.value };
    const code = second.input.value.trim();
    const problems = { email: emailProblem(values.email), recovery_code: values.recovery_code ? null : t("recover.code_missing"), password: password.problem() };
    if (!isComplete(fields, problems)) return null;
    try {
      onEntered(await accounts.recover(code ? { ...values, code } : values));
      return null;
    } catch (error) {
      if (!SECOND_ASKED_FOR.includes(problemIn(error).code)) return shownAtField(error, fields, AT_FIELD);
      setAttribute(second.element, "hidden", false);
      second.input.focus();
      return t("recover.second_needed");
    }
  };
  const elements = Object.values(fields).map(({ element }) => element);
  return createForm({ fields: elements, submit: t("recover.submit"), busy: t("recover.busy"), wait: t("login.slow"), send });
}
