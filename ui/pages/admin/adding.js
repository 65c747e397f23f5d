/** Adding somebody: the account is made at once, its password is chosen by the person with a one-time code. */

import { createRadios } from "../../components/choices.js";
import { createField } from "../../components/field.js";
import { createForm } from "../../components/form.js";
import { openModal } from "../../components/modal.js";
import { createEntrySheet } from "../../components/sheet.js";
import { button, fill, h } from "../../lib/elements.js";
import { language, t } from "../../lib/texts.js";
import { shortMoment } from "../../lib/times.js";
import { isComplete, shownAtField } from "../failing.js";
import { roleChoices, roleName } from "../roles.js";
import { emailProblem } from "../typing.js";

/**
 * @typedef {import("./page.js").Part} Part
 * @typedef {import("../../api/people-types.js").Role} Role
 * @typedef {import("../../api/people-types.js").EntryCode} EntryCode
 */

/**
 * Opens the dialog.
 *
 * @param {Part} part What it works with.
 * @param {() => void} onChange Called when somebody was added.
 */
export function openAdding(part, onChange) {
  const place = h("div", { class: "loaded" });
  const modal = openModal({ title: t("users.add"), className: "modal-wide", content: () => [place] });
  const onAdded = (/** @type {EntryCode} */ entry, /** @type {{ name: string, role: Role }} */ { name, role }) => {
    onChange();
    const sheet = createEntrySheet({
      title: t("adding.sheet_title", { name }),
      lead: t("adding.sheet_lead"),
      facts: [[t("profile.role"), roleName(role)], [t("adding.valid"), shortMoment(entry.expires_at)]],
      entry,
      warning: t("adding.loopback"),
    });
    fill(place, h("p", {}, t("adding.done", { name })), sheet, button(t("keys.done"), modal.close, { kind: "primary" }));
    part.context.announcer.say(t("adding.done", { name }));
    place.querySelector("button")?.focus();
  };
  fill(place, createAddForm(part, onAdded, modal.close));
  place.querySelector("input")?.focus();
}

/**
 * @param {Part} part What it works with.
 * @param {(entry: EntryCode, person: { name: string, role: Role }) => void} onAdded Called with the code.
 * @param {() => void} onCancel Called if nobody is to be added.
 * @returns {HTMLFormElement} Who, and as what.
 */
function createAddForm({ admin }, onAdded, onCancel) {
  const name = createField({ label: t("users.name"), name: "name", autocomplete: "off" });
  const email = createField({ label: t("login.email"), name: "email", type: "email", autocomplete: "off", hint: t("setup.email_hint") });
  /** @type {{ role: Role }} */
  const chosen = { role: "worker" };
  const role = createRadios({
    label: t("profile.role"),
    name: "role",
    choices: roleChoices(),
    value: chosen.role,
    onChoice: (value) => {
      chosen.role = /** @type {Role} */ (value);
    },
  });
  const send = async () => {
    const who = { name: name.input.value.trim(), email: email.input.value.trim(), role: chosen.role };
    if (!isComplete({ name, email }, { name: who.name ? null : t("users.name_missing"), email: emailProblem(who.email) })) return null;
    try {
      onAdded(await admin.addPerson({ ...who, language: language() }), who);
      return null;
    } catch (error) {
      return shownAtField(error, { name, email });
    }
  };
  return createForm({ fields: [name.element, email.element, role.element], submit: t("users.add"), busy: t("form.saving"), isSmall: true, onCancel, cancel: t("ask.cancel"), send });
}
