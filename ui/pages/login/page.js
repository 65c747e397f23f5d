/** Signing in. */

import { problemIn } from "../../api/failures.js";
import { createGate, createGateLink } from "../../components/gate.js";
import { button, fill, h, icon } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { roleName } from "../roles.js";
import { createSigningIn } from "./signing-in.js";

/**
 * @typedef {import("../../api/people-types.js").EntryOptions} EntryOptions
 * @typedef {import("../context.js").GateContext} GateContext
 */

/** @type {EntryOptions} */
const NOTHING_ELSE = { registration: "closed", demo_accounts: [] };

/**
 * Shows the page.
 *
 * @param {HTMLElement} root Where.
 * @param {GateContext} context What it works with.
 */
export function mountLogin(root, { accounts, onEntered, onLanguage }) {
  document.title = `${t("login.title")} – Nodo`;
  const form = createSigningIn({ accounts, onEntered });
  const demo = h("div", { class: "demo" });
  const register = h("span", { class: "gate-way" });
  const links = [createGateLink("#/recover", t("login.forgot")), createGateLink("#/join", t("login.have_code")), register];
  fill(root, createGate({ title: t("login.title"), lead: t("login.lead"), content: [form.element, demo], onLanguage, links }));
  form.focus();
  void offer();

  async function offer() {
    const options = await optionsOf(accounts);
    if (options.registration === "approval") fill(register, createGateLink("#/register", t("login.register")));
    if (options.demo_accounts.length > 0) fill(demo, ...demoNodes(options.demo_accounts, form.logIn));
  }
}

/**
 * @param {import("../../api/accounts.js").Accounts} accounts Asks the box.
 * @returns {Promise<EntryOptions>} What it offers beside signing in; nothing if it does not answer: the form says that.
 */
async function optionsOf(accounts) {
  try {
    return await accounts.options();
  } catch (error) {
    problemIn(error);
    return NOTHING_ELSE;
  }
}

/**
 * @param {EntryOptions["demo_accounts"]} people Made-up people.
 * @param {(who: { email: string, password: string }) => Promise<string | null>} logIn Signs in; returns what went wrong.
 * @returns {Node[]} A button for each, with what they are.
 */
function demoNodes(people, logIn) {
  const problem = h("p", { class: "field-error", role: "alert" });
  const enter = async (/** @type {EntryOptions["demo_accounts"][number]} */ { email, password }) => {
    fill(problem);
    const text = await logIn({ email, password });
    fill(problem, text && icon("warning"), text);
  };
  const buttons = people.map((person) => {
    const label = t("login.demo_enter", { role: roleName(person.role), name: person.name });
    return h("li", {}, button(label, () => void enter(person)));
  });
  return [h("h2", { class: "demo-title" }, t("login.demo_title")), h("p", { class: "field-hint" }, t("login.demo_lead")), h("ul", { class: "demo-list" }, ...buttons), problem];
}
