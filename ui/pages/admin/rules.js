/** The rules of this box: who may come in, and who may read what. */

import { asked } from "../../components/asking.js";
import { createRadios } from "../../components/choices.js";
import { createPanel, createRemark } from "../../components/panel.js";
import { fill, h } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { told } from "../failing.js";
import { showLoaded } from "../loading.js";

/**
 * @typedef {import("./page.js").Part} Part
 * @typedef {import("../../api/people-types.js").BoxSettings} BoxSettings
 */

/**
 * Shows the part.
 *
 * @param {HTMLElement} content Where.
 * @param {Part} part What it works with.
 */
export function showRules(content, part) {
  const place = h("div", { class: "loaded" });
  const load = () => part.admin.settings(part.signal);
  const draw = (/** @type {BoxSettings} */ rules) => [createRegistration(part, rules), createReading(part, rules)];
  fill(content, place);
  void showLoaded(place, { load, draw, signal: part.signal });
}

/**
 * @param {Part} part What it works with.
 * @param {BoxSettings} rules As they are.
 * @returns {HTMLElement} Who may come in.
 */
function createRegistration({ admin, context }, rules) {
  const state = { registration: rules.registration };
  const change = async (/** @type {string} */ value) => {
    const registration = value === "approval" ? "approval" : "closed";
    const isDone = await told(context.toasts, () => admin.changeSettings({ registration }), t("form.saved"));
    if (isDone) state.registration = registration;
    radios.show(state.registration);
  };
  const radios = createRadios({
    label: t("rules.registration"),
    name: "registration",
    value: rules.registration,
    choices: [
      { value: "closed", label: t("rules.closed"), hint: t("rules.closed_hint") },
      { value: "approval", label: t("rules.approval"), hint: t("rules.approval_hint") },
    ],
    onChoice: (value) => void change(value),
  });
  return createPanel(t("rules.coming_in"), "", radios.element);
}

/**
 * @param {Part} part What it works with.
 * @param {BoxSettings} rules As they are.
 * @returns {HTMLElement} Whether administrators may read conversations.
 */
function createReading({ admin, context }, rules) {
  const { user } = context;
  const state = { mayRead: rules.admins_read_conversations };
  const change = async (/** @type {boolean} */ wanted) => {
    const question = { title: t("rules.reading"), text: wanted ? t("rules.reading_on_text") : t("rules.reading_off_text"), action: wanted ? t("rules.allow") : t("rules.forbid"), isDanger: wanted };
    const isDone = (await asked(question)) && (await told(context.toasts, () => admin.changeSettings({ admins_read_conversations: wanted }), t("form.saved")));
    if (isDone) {
      state.mayRead = wanted;
      context.onUser({ ...user, conversations_may_be_read: wanted });
    }
    radios.show(state.mayRead ? "yes" : "no");
  };
  const radios = createRadios({
    label: t("rules.may_read"),
    name: "reading",
    value: state.mayRead ? "yes" : "no",
    choices: [
      { value: "no", label: t("rules.read_no"), hint: t("rules.read_no_hint") },
      { value: "yes", label: t("rules.read_yes"), hint: t("rules.read_yes_hint") },
    ],
    onChoice: (value) => void change(value === "yes"),
  });
  radios.element.disabled = !user.is_owner;
  const remark = user.is_owner ? createRemark(t("rules.reading_consequence"), "warn") : createRemark(t("rules.owner_only"), "calm");
  return createPanel(t("rules.reading"), "", remark, radios.element);
}
