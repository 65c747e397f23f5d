/** Coming in by a code: an invitation, an account that somebody has made, or a forgotten password. */

import { ProblemError } from "../../api/failures.js";
import { createField } from "../../components/field.js";
import { createForm } from "../../components/form.js";
import { createGate, createGateLink } from "../../components/gate.js";
import { createNewPassword } from "../../components/new-password.js";
import { createRemark } from "../../components/panel.js";
import { fill, setAttribute } from "../../lib/elements.js";
import { language, t } from "../../lib/texts.js";
import { isComplete, shownAtField } from "../failing.js";
import { roleName } from "../roles.js";
import { emailProblem } from "../typing.js";

/**
 * @typedef {import("../../api/people-types.js").JoinOffer} JoinOffer
 * @typedef {import("../context.js").GateContext} GateContext
 */

/**
 * Shows the page: the code first, unless the address has it, then what it opens.
 *
 * @param {HTMLElement} root Where.
 * @param {GateContext} context What it works with.
 */
export function mountJoin(root, context) {
  document.title = `${t("join.title")} – Nodo`;
  const code = context.route.query["code"] ?? "";
  const form = createCodeStep(root, context, code);
  fill(root, createGate({ title: t("join.title"), lead: t("join.lead"), content: [form], onLanguage: context.onLanguage, links: [back()] }));
  if (code) form.requestSubmit();
  else root.querySelector("input")?.focus();
}

/** @returns {HTMLAnchorElement} The way to the sign-in. */
function back() {
  return createGateLink("#/", t("gate.back"));
}

/**
 * @param {HTMLElement} root Where the next step is shown.
 * @param {GateContext} context What it works with.
 * @param {string} code From the address; may be empty.
 * @returns {HTMLFormElement} The first step.
 */
function createCodeStep(root, context, code) {
  const field = createField({ label: t("join.code"), name: "code", autocomplete: "one-time-code", hint: t("join.code_hint"), className: "field-code", value: code });
  const check = async () => {
    const typed = field.input.value.trim();
    if (!isComplete({ code: field }, { code: typed ? null : t("join.code_missing") })) return null;
    try {
      showOffer(root, context, typed, await context.accounts.checkCode(typed));
      return null;
    } catch (error) {
      return shownAtField(error, { code: field });
    }
  };
  return createForm({ fields: [field.element], submit: t("join.check"), busy: t("join.checking"), send: check });
}

/**
 * @param {HTMLElement} root Where.
 * @param {GateContext} context What it works with.
 * @param {string} code The code.
 * @param {JoinOffer} offer What it opens.
 */
function showOffer(root, context, code, offer) {
  const isReset = offer.kind === "reset";
  const title = isReset ? t("join.reset_title") : t("join.welcome_title");
  const form = createPasswordStep(context, code, offer);
  const remark = isReset ? null : createRemark(offerWords(offer), "calm");
  // The code has been typed or came with the address: a change of the language would ask for it again.
  fill(root, createGate({ title, lead: isReset ? t("join.reset_lead") : t("join.welcome_lead"), content: [remark, form], onLanguage: null, links: [back()] }));
  document.title = `${title} – Nodo`;
  const empty = [...form.querySelectorAll("input")].find((input) => !input.value && !input.closest("[hidden]"));
  empty?.focus();
}

/**
 * @param {JoinOffer} offer What a code opens.
 * @returns {string} Who invited, and as what.
 */
function offerWords({ role, invited_by: by }) {
  return by ? t("join.invited_by", { name: by, role: roleName(role) }) : t("join.invited", { role: roleName(role) });
}

/**
 * @param {GateContext} context What it works with.
 * @param {string} code The code.
 * @param {JoinOffer} offer What it opens.
 * @returns {HTMLFormElement} Who, and with which password.
 */
function createPasswordStep({ accounts, onEntered }, code, offer) {
  const name = createField({ label: t("setup.name"), name: "name", autocomplete: "name", value: offer.name ?? "" });
  const email = createField({ label: t("setup.email"), name: "email", type: "email", autocomplete: "username", hint: t("setup.email_hint"), value: offer.email ?? "" });
  const password = createNewPassword({ label: t("password.new"), known: () => [name.input.value, email.input.value] });
  const isKnown = offer.kind !== "invite";
  // An account that is there keeps its e-mail; the field stays for password managers.
  setAttribute(email.input, "readonly", isKnown && Boolean(offer.email));
  setAttribute(name.element, "hidden", offer.kind === "reset");
  setAttribute(email.element, "hidden", isKnown && !offer.email);
  const fields = { name, email, password };
  const send = async () => {
    const who = { name: name.input.value.trim(), email: email.input.value.trim() };
    const problems = { name: isKnown || who.name ? null : t("setup.name_missing"), email: isKnown ? null : emailProblem(who.email), password: password.problem() };
    if (!isComplete(fields, problems)) return null;
    const body = { code, password: password.input.value, language: language() };
    try {
      onEntered(await accounts.join(isKnown ? body : { ...body, ...who }));
      return null;
    } catch (error) {
      // The password is set; what is left is the second factor.
      return isSecondStep(error) ? t("join.then_sign_in") : shownAtField(error, fields);
    }
  };
  const elements = Object.values(fields).map(({ element }) => element);
  const submit = offer.kind === "reset" ? t("join.reset_submit") : t("join.submit");
  return createForm({ fields: elements, submit, busy: t("join.busy"), wait: t("join.busy"), send });
}

/**
 * @param {unknown} error What was thrown.
 * @returns {boolean} Whether the box wants the second factor too.
 */
function isSecondStep(error) {
  return error instanceof ProblemError && error.problem.code === "mfa_required";
}
