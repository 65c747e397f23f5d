/** One person: who they are, what they may do, and what can be done for their account. */

import { createRadios } from "../../components/choices.js";
import { createField } from "../../components/field.js";
import { createForm } from "../../components/form.js";
import { openModal } from "../../components/modal.js";
import { createRemark } from "../../components/panel.js";
import { createFacts } from "../../components/sheet.js";
import { fill, h } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { day, shortMoment } from "../../lib/times.js";
import { isComplete, shownAtField } from "../failing.js";
import { roleChoices } from "../roles.js";
import { emailProblem } from "../typing.js";
import { createPersonActs } from "./person-acts.js";
import { stateMarks } from "./states.js";

/**
 * @typedef {import("./page.js").Part} Part
 * @typedef {import("../../api/people-types.js").Person} Person
 * @typedef {import("../../api/people-types.js").Role} Role
 */

/**
 * Opens the dialog.
 *
 * @param {Part} part What it works with.
 * @param {Person} person Who.
 * @param {() => void} onChange Called when something of the account was changed.
 * @param {() => void} onClosed Called when the dialog is gone.
 */
export function openPerson(part, person, onChange, onClosed) {
  const place = h("div", { class: "person-sheet" });
  const modal = openModal({ title: person.name, className: "modal-wide", content: () => [place] });
  modal.element.addEventListener("close", onClosed);
  const draw = (/** @type {Person} */ one) => {
    const onActed = (/** @type {Person | null} */ now) => {
      onChange();
      if (!now) {
        modal.close();
        return;
      }
      draw(now);
      // The button that was pressed is gone; its opposite stands in its place.
      const first = place.querySelector(".acts button:enabled");
      if (first instanceof HTMLButtonElement) first.focus();
    };
    const onSaved = () => {
      onChange();
      modal.close();
    };
    fill(place, ...nodesOf(part, one, { onSaved, onActed }));
  };
  draw(person);
}

/**
 * @param {Part} part What it works with.
 * @param {Person} person Who.
 * @param {{ onSaved: () => void, onActed: (person: Person | null) => void }} then What follows a change.
 * @returns {Node[]} Facts, name and role, acts.
 */
function nodesOf(part, person, { onSaved, onActed }) {
  const isSelf = person.id === part.context.user.id;
  const facts = createFacts([
    [t("profile.since"), day(person.created_at)],
    [t("users.seen"), person.last_seen_at ? shortMoment(person.last_seen_at) : t("users.never")],
  ]);
  const remarks = [];
  if (person.is_owner) remarks.push(createRemark(t("person.is_owner"), "calm"));
  if (isSelf) remarks.push(createRemark(t("person.is_self"), "calm"));
  return [
    h("span", { class: "marks" }, ...stateMarks(person)),
    facts,
    ...remarks,
    createChangeForm(part, person, onSaved),
    h("h3", { class: "panel-title" }, t("person.account")),
    createPersonActs(part, person, onActed),
  ];
}

/**
 * @param {Part} part What it works with.
 * @param {Person} person Who.
 * @param {() => void} onSaved Called when it is done, also if there was nothing to do.
 * @returns {HTMLFormElement} Name, e-mail and role.
 */
function createChangeForm({ admin, context }, person, onSaved) {
  const name = createField({ label: t("users.name"), name: "name", autocomplete: "off", value: person.name });
  const email = createField({ label: t("login.email"), name: "email", type: "email", autocomplete: "off", value: person.email });
  const chosen = { role: person.role };
  const role = createRadios({
    label: t("profile.role"),
    name: "role",
    choices: roleChoices(),
    value: person.role,
    onChoice: (value) => {
      chosen.role = /** @type {Role} */ (value);
    },
  });
  role.element.disabled = person.is_owner;
  const send = async () => {
    const wanted = { name: name.input.value.trim(), email: email.input.value.trim(), role: chosen.role };
    if (!isComplete({ name, email }, { name: wanted.name ? null : t("users.name_missing"), email: emailProblem(wanted.email) })) return null;
    const changes = Object.entries(wanted).filter(([key, value]) => person[/** @type {"name" | "email" | "role"} */ (key)] !== value);
    if (changes.length === 0) {
      onSaved();
      return null;
    }
    try {
      const now = await admin.changePerson(person.id, Object.fromEntries(changes));
      context.toasts.show(t("person.saved", { name: now.name }));
      onSaved();
      return null;
    } catch (error) {
      return shownAtField(error, { name, email });
    }
  };
  return createForm({ fields: [name.element, email.element, role.element], submit: t("form.save"), busy: t("form.saving"), isSmall: true, send });
}
