/** What an administrator can do for an account: each with what it means. */

import { asked } from "../../components/asking.js";
import { openModal } from "../../components/modal.js";
import { createEntrySheet } from "../../components/sheet.js";
import { button, h } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { shortMoment } from "../../lib/times.js";
import { told } from "../failing.js";

/**
 * @typedef {import("./page.js").Part} Part
 * @typedef {import("../../api/people-types.js").Person} Person
 * @typedef {{ label: string, hint: string, act: () => Promise<void>, isDanger?: boolean, isOff?: string }} Act
 */

/**
 * Returns the acts.
 *
 * @param {Part} part What it works with.
 * @param {Person} person Whose account.
 * @param {(person: Person | null) => void} onChange Called with the person after a change.
 * @returns {HTMLElement} A button for each that makes sense now, with what it does.
 */
export function createPersonActs(part, person, onChange) {
  const acts = person.state === "waiting" ? [] : [switchOf(part, person, onChange), resetOf(part, person), ...endings(part, person, onChange)];
  const rows = acts.map(({ label, hint, act, isDanger = false, isOff = "" }) => {
    const element = button(label, () => void act(), { kind: isDanger ? "danger" : "plain" });
    element.disabled = isOff !== "";
    return h("li", { class: "act" }, element, h("p", { class: "field-hint" }, isOff || hint));
  });
  return h("ul", { class: "acts" }, ...rows);
}

/**
 * @param {Part} part What it works with.
 * @param {Person} person Whose account.
 * @param {(person: Person) => void} onChange Called with the person after a change.
 * @returns {Act} Disabling or enabling it.
 */
function switchOf({ admin, context }, person, onChange) {
  const { id, name } = person;
  const enable = async () => {
    await told(context.toasts, async () => onChange(await admin.act(id, "enable")), t("person.enabled", { name }));
  };
  const disable = async () => {
    const isDone = await told(context.toasts, async () => onChange(await admin.act(id, "disable")));
    if (isDone) context.toasts.show(t("person.disabled", { name }), { label: t("history.undo"), act: () => void enable() });
  };
  if (person.state === "disabled") return { label: t("person.enable"), hint: t("person.enable_hint"), act: enable };
  const isOff = person.is_owner ? t("person.owner_stays") : person.id === context.user.id ? t("person.not_oneself") : "";
  return { label: t("person.disable"), hint: t("person.disable_hint"), act: disable, isDanger: true, isOff };
}

/**
 * @param {Part} part What it works with.
 * @param {Person} person Whose account.
 * @returns {Act} A code for a forgotten password.
 */
function resetOf({ admin, context }, { id, name }) {
  const act = async () => {
    await told(context.toasts, async () => {
      const entry = await admin.resetCode(id);
      const sheet = createEntrySheet({ title: t("reset.sheet_title", { name }), lead: t("reset.sheet_lead"), facts: [[t("adding.valid"), shortMoment(entry.expires_at)]], entry, warning: t("adding.loopback") });
      openModal({ title: t("person.reset"), className: "modal-wide", content: () => [sheet] });
    });
  };
  return { label: t("person.reset"), hint: t("person.reset_hint"), act };
}

/**
 * @param {Part} part What it works with.
 * @param {Person} person Whose account.
 * @param {(person: Person) => void} onChange Called with the person after a change.
 * @returns {Act[]} Signing out everywhere; taking the second step away.
 */
function endings({ admin, context }, person, onChange) {
  const { id, name } = person;
  const signOut = async () => {
    const question = { title: t("person.sign_out"), text: t("person.sign_out_text", { name }), action: t("person.sign_out"), isDanger: true };
    if (await asked(question)) await told(context.toasts, () => admin.act(id, "sign-out"), t("person.signed_out", { name }));
  };
  const resetSecond = async () => {
    const question = { title: t("person.reset_second"), text: t("person.reset_second_text", { name }), action: t("person.reset_second"), isDanger: true };
    if (!(await asked(question))) return;
    await told(context.toasts, async () => {
      const now = await admin.act(id, "reset-mfa");
      onChange(now ?? { ...person, mfa_enabled: false });
    }, t("person.second_reset", { name }));
  };
  const acts = [{ label: t("person.sign_out"), hint: t("person.sign_out_hint"), act: signOut }];
  if (person.mfa_enabled) acts.push({ label: t("person.reset_second"), hint: t("person.reset_second_hint"), act: resetSecond });
  return acts;
}
