/** Invitations: a code for somebody who makes their own account with it. */

import { asked } from "../../components/asking.js";
import { createRadios, createSelect } from "../../components/choices.js";
import { createField } from "../../components/field.js";
import { createForm } from "../../components/form.js";
import { openModal } from "../../components/modal.js";
import { createMark, createPanel } from "../../components/panel.js";
import { createRecordTable } from "../../components/record-table.js";
import { createEntrySheet } from "../../components/sheet.js";
import { button, fill, h, setAttribute } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { fromNow, shortMoment } from "../../lib/times.js";
import { shownAtField, told } from "../failing.js";
import { showLoaded } from "../loading.js";
import { roleChoices, roleName } from "../roles.js";

/**
 * @typedef {import("./page.js").Part} Part
 * @typedef {import("../../api/people-types.js").Invite} Invite
 * @typedef {import("../../api/people-types.js").Role} Role
 */

/**
 * Shows the part.
 *
 * @param {HTMLElement} content Where.
 * @param {Part} part What it works with.
 */
export function showInvites(content, part) {
  const place = h("div", { class: "loaded" });
  const load = () => part.admin.invites(part.signal);
  const refresh = () => void showLoaded(place, { load, draw: ({ items }) => [listOf(items, part, refresh)], signal: part.signal });
  refresh();
  fill(content, createPanel(t("invites.create"), t("invites.lead"), createInviteForm(part, refresh)), createPanel(t("invites.open"), "", place));
}

/**
 * @param {Part} part What it works with.
 * @param {() => void} refresh Asks for the list again.
 * @returns {HTMLFormElement} For whom, and for how long.
 */
function createInviteForm({ admin }, refresh) {
  const name = createField({ label: t("invites.name"), name: "name", autocomplete: "off", hint: t("invites.name_hint"), isOptional: true });
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
  const hours = createSelect({
    label: t("form.valid_for"),
    name: "valid_hours",
    value: "24",
    choices: [
      { value: "1", label: t("invites.hour") },
      { value: "24", label: t("invites.day") },
      { value: "72", label: t("invites.days", { n: 3 }) },
      { value: "168", label: t("invites.days", { n: 7 }) },
    ],
  });
  const send = async () => {
    const wanted = name.input.value.trim();
    try {
      const entry = await admin.invite({ role: chosen.role, valid_hours: Number(hours.select.value), ...(wanted ? { name: wanted } : {}) });
      name.input.value = "";
      refresh();
      const facts = /** @type {[string, string][]} */ ([[t("profile.role"), roleName(entry.role)], [t("adding.valid"), shortMoment(entry.expires_at)]]);
      const title = wanted ? t("invites.sheet_for", { name: wanted }) : t("invites.sheet_title");
      const sheet = createEntrySheet({ title, lead: t("adding.sheet_lead"), facts, entry, warning: t("adding.loopback") });
      openModal({ title: t("invites.made"), className: "modal-wide", content: () => [h("p", {}, t("invites.once")), sheet] });
      return null;
    } catch (error) {
      return shownAtField(error, { name });
    }
  };
  return createForm({ fields: [name.element, role.element, hours.element], submit: t("invites.create"), busy: t("form.saving"), isSmall: true, send });
}

/**
 * @param {Invite[]} invites Newest first.
 * @param {Part} part What it works with.
 * @param {() => void} refresh Asks for the list again.
 * @returns {Node} The list.
 */
function listOf(invites, { admin, context }, refresh) {
  if (invites.length === 0) return h("p", { class: "empty" }, t("invites.none"));
  const revoke = async (/** @type {Invite} */ { id }) => {
    const question = { title: t("invites.revoke_title"), text: t("invites.revoke_text"), action: t("keys.revoke"), isDanger: true };
    if ((await asked(question)) && (await told(context.toasts, () => admin.revokeInvite(id), t("invites.revoked")))) refresh();
  };
  const nameOf = (/** @type {Invite} */ { name }) => name || t("invites.anybody");
  const revoker = (/** @type {Invite} */ invite) => {
    if (!isOpen(invite)) return null;
    const element = button(t("keys.revoke"), () => void revoke(invite));
    setAttribute(element, "aria-label", t("invites.revoke_named", { name: nameOf(invite) }));
    return element;
  };
  const now = new Date();
  return createRecordTable({
    caption: t("invites.open"),
    columns: [
      { name: t("invites.for"), of: nameOf },
      { name: t("profile.role"), of: ({ role }) => roleName(role) },
      { name: t("users.state"), of: stateMark },
      { name: t("invites.made_at"), of: ({ created_at: at, created_by: by }) => [fromNow(at, now), by].filter(Boolean).join(" · ") },
      { name: t("keys.expires"), of: (invite) => (isOpen(invite) ? fromNow(invite.expires_at, now) : "–") },
      { name: "", of: revoker },
    ],
    rows: invites,
    idOf: ({ id }) => id,
  });
}

/**
 * @param {Invite} invite An invitation.
 * @returns {boolean} Whether its code still opens something.
 */
function isOpen({ state }) {
  return state === "open";
}

/**
 * @param {Invite} invite An invitation.
 * @returns {Node} What became of it.
 */
function stateMark({ state, used_by: by }) {
  if (state === "open") return createMark("check", t("invites.is_open"), "good");
  if (state === "used") return createMark("people", by ? t("invites.used_by", { name: by }) : t("invites.used"), "calm");
  return state === "revoked" ? createMark("close", t("invites.is_revoked"), "calm") : createMark("pause", t("invites.expired"), "calm");
}
