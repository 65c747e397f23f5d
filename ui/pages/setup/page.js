/** The first run: the code, the owner, the recovery kit, and on into the chat. */

import { problemIn } from "../../api/failures.js";
import { createField, createPasswordField } from "../../components/field.js";
import { createForm } from "../../components/form.js";
import { createGate } from "../../components/gate.js";
import { createStrengthMeter } from "../../components/strength-meter.js";
import { fill, on } from "../../lib/elements.js";
import { wordsFor } from "../../lib/problems.js";
import { SHORTEST_PASSWORD, strengthOf } from "../../lib/strength.js";
import { language, t } from "../../lib/texts.js";
import { emailProblem, tidyCode } from "../typing.js";
import { showKit } from "./kit.js";

/**
 * @typedef {import("../../api/types.js").User} User
 * @typedef {import("../../components/field.js").Field} Field
 * @typedef {"code" | "name" | "email" | "password"} FieldName
 *
 * @typedef {object} SetupNeeds
 * @property {import("../../api/client.js").Client} client Sends requests.
 * @property {import("../../api/accounts.js").Accounts} accounts Sends the set-up.
 * @property {Record<FieldName, string>} values What was typed before the language was changed; the code from the address.
 * @property {(user: User) => void} onEntered Called with the owner.
 * @property {() => void} onDone Called if the box has an owner already.
 * @property {(language: "es" | "en") => void} onLanguage Called with the chosen language.
 */

const CODE_LENGTH = 8;

/**
 * Shows the page.
 *
 * @param {HTMLElement} root Where.
 * @param {SetupNeeds} needs What it needs.
 */
export function mountSetup(root, needs) {
  document.title = `${t("setup.title")} – Nodo`;
  const fields = makeFields(needs.values);
  const meter = createStrengthMeter();
  fields.password.element.append(meter.element);
  const showStrength = () => {
    const { password, name, email } = fields;
    meter.show(password.input.value ? strengthOf(password.input.value, [name.input.value, email.input.value]) : null);
  };
  const remember = () => {
    for (const [name, field] of Object.entries(fields)) needs.values[/** @type {FieldName} */ (name)] = field.input.value;
  };
  const elements = Object.values(fields).map(({ element }) => element);
  const form = createForm({ fields: elements, submit: t("setup.submit"), busy: t("setup.busy"), send: () => send(root, fields, needs) });
  on(form, {
    input: () => {
      remember();
      showStrength();
    },
  });
  fill(root, createGate({ title: t("setup.title"), lead: t("setup.lead"), content: [form], onLanguage: needs.onLanguage }));
  showStrength();
  firstEmpty(fields).input.focus();
}

/**
 * @param {Record<FieldName, string>} values What the fields hold at first.
 * @returns {Record<FieldName, Field>} The fields.
 */
function makeFields(values) {
  const fields = {
    code: createField({ label: t("setup.code"), name: "code", autocomplete: "one-time-code", hint: t("setup.code_hint"), className: "field-code" }),
    name: createField({ label: t("setup.name"), name: "name", autocomplete: "name" }),
    email: createField({ label: t("setup.email"), name: "email", type: "email", autocomplete: "username", hint: t("setup.email_hint") }),
    password: createPasswordField({ label: t("setup.password"), autocomplete: "new-password", hint: t("setup.password_hint", { n: SHORTEST_PASSWORD }) }),
  };
  fields.code.input.maxLength = CODE_LENGTH + 4;
  for (const [name, field] of Object.entries(fields)) field.input.value = values[/** @type {FieldName} */ (name)];
  return fields;
}

/**
 * @param {Record<FieldName, Field>} fields The fields.
 * @returns {Field} Where to begin.
 */
function firstEmpty(fields) {
  return Object.values(fields).find(({ input }) => !input.value) ?? fields.password;
}

/**
 * @param {HTMLElement} root Where the kit is shown afterwards.
 * @param {Record<FieldName, Field>} fields The fields.
 * @param {SetupNeeds} needs What sends them.
 * @returns {Promise<string | null>} What went wrong with all of it; null if nothing, or if a field says it.
 */
async function send(root, fields, needs) {
  const values = {
    code: tidyCode(fields.code.input.value),
    name: fields.name.input.value.trim(),
    email: fields.email.input.value.trim(),
    password: fields.password.input.value,
  };
  if (!check(fields, values)) return null;
  try {
    const owner = await needs.accounts.setUp({ ...values, language: language() });
    await showKit(root, needs.client, { email: owner.email, onDone: () => needs.onEntered(owner) });
    return null;
  } catch (error) {
    return showProblem(fields, problemIn(error), needs.onDone);
  }
}

/**
 * @param {Record<FieldName, Field>} fields The fields.
 * @param {Record<FieldName, string>} values What they hold, tidied.
 * @returns {boolean} Whether all of them can be sent; the first that cannot has the focus.
 */
function check(fields, values) {
  const problems = {
    code: values.code.length === CODE_LENGTH ? null : t("setup.code_length", { n: CODE_LENGTH }),
    name: values.name ? null : t("setup.name_missing"),
    email: emailProblem(values.email),
    password: strengthOf(values.password) === "short" ? t("strength.short", { n: SHORTEST_PASSWORD }) : null,
  };
  const wrong = /** @type {FieldName[]} */ (Object.keys(problems)).filter((name) => problems[name] !== null);
  for (const name of wrong) fields[name].showError(problems[name]);
  if (wrong[0]) fields[wrong[0]].input.focus();
  return wrong.length === 0;
}

/**
 * @param {Record<FieldName, Field>} fields The fields.
 * @param {import("../../api/types.js").Problem} problem What the box said.
 * @param {() => void} onDone Called if the box has an owner already.
 * @returns {string | null} What to say about all of it; null if a field says it.
 */
function showProblem(fields, problem, onDone) {
  if (problem.code === "setup_done") {
    onDone();
    return null;
  }
  const words = wordsFor(problem);
  const text = `${words.what} ${words.hint}`.trim();
  const name = problem.code === "setup_code_wrong" ? "code" : problem.field;
  const field = Object.entries(fields).find(([known]) => known === name)?.[1];
  if (!field) return text;
  field.showError(text);
  field.input.focus();
  return null;
}
