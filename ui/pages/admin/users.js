/** The people of this box: who waits for approval, who there is, and adding somebody. */

import { createSelect } from "../../components/choices.js";
import { createPanel } from "../../components/panel.js";
import { createRecordTable } from "../../components/record-table.js";
import { createSearchField } from "../../components/search-field.js";
import { button, fill, h, setAttribute } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { fromNow } from "../../lib/times.js";
import { ROLES, roleName } from "../roles.js";
import { openAdding } from "./adding.js";
import { makeList } from "./lists.js";
import { openPerson } from "./person.js";
import { stateMarks } from "./states.js";
import { createWaiting } from "./waiting.js";

/**
 * @typedef {import("./page.js").Part} Part
 * @typedef {import("../../api/people-types.js").Person} Person
 */

/**
 * Shows the part.
 *
 * @param {HTMLElement} content Where.
 * @param {Part} part What it works with.
 */
export function showUsers(content, part) {
  const filter = { query: "", role: "", state: "" };
  const refresh = () => {
    waiting.refresh();
    list.refresh();
  };
  const list = makeList({
    load: (cursor) => part.admin.people({ ...filter, cursor }, part.signal),
    draw: (people) => createPeopleTable(people, (person) => openPerson(part, person, refresh, () => list.giveFocusBack())),
    empty: () => (filter.query || filter.role || filter.state ? t("users.nobody_found") : t("users.nobody")),
    signal: part.signal,
    announcer: part.context.announcer,
  });
  const waiting = createWaiting(part, refresh);
  const filters = createFilters((changes) => {
    Object.assign(filter, changes);
    list.refresh();
  });
  const add = button(t("users.add"), () => openAdding(part, refresh), { kind: "primary", symbol: "plus" });
  const head = h("div", { class: "list-head" }, h("p", { class: "panel-lead" }, t("users.lead")), add);
  fill(content, waiting.element, createPanel(t("users.everybody"), "", head, filters, list.element));
  refresh();
}

/**
 * @param {(changes: { query?: string, role?: string, state?: string }) => void} onChange Called with what changes.
 * @returns {HTMLElement} The filters.
 */
function createFilters(onChange) {
  const search = createSearchField({ label: t("users.search"), onQuery: (query) => onChange({ query }) });
  const all = { value: "", label: t("filter.all") };
  const role = createSelect({ label: t("profile.role"), name: "role", choices: [all, ...ROLES.map((value) => ({ value, label: roleName(value) }))] });
  const states = [
    { value: "active", label: t("users.state_active") },
    { value: "disabled", label: t("users.state_disabled") },
    { value: "waiting", label: t("users.state_waiting") },
  ];
  const state = createSelect({ label: t("users.state"), name: "state", choices: [all, ...states] });
  role.select.addEventListener("change", () => onChange({ role: role.select.value }));
  state.select.addEventListener("change", () => onChange({ state: state.select.value }));
  return h("div", { class: "filters", role: "search" }, search, role.element, state.element);
}

/**
 * @param {Person[]} people Who.
 * @param {(person: Person) => void} onOpen Asked for more about somebody.
 * @returns {HTMLElement} The table.
 */
function createPeopleTable(people, onOpen) {
  const now = new Date();
  const opener = (/** @type {Person} */ person) => {
    const element = button(t("users.manage"), () => onOpen(person));
    setAttribute(element, "aria-label", t("users.manage_named", { name: person.name }));
    return element;
  };
  return createRecordTable({
    caption: t("users.everybody"),
    columns: [
      { name: t("users.person"), of: ({ name, email }) => h("span", { class: "person" }, h("span", { class: "person-name", dir: "auto" }, name), h("span", { class: "person-email" }, email)) },
      { name: t("profile.role"), of: (person) => roleWords(person) },
      { name: t("users.state"), of: (person) => h("span", { class: "marks" }, ...stateMarks(person)) },
      { name: t("users.seen"), of: ({ last_seen_at: at }) => (at ? fromNow(at, now) : t("users.never")) },
      { name: "", of: opener },
    ],
    rows: people,
    idOf: ({ id }) => id,
  });
}

/**
 * @param {Person} person Who.
 * @returns {string} The role, and whether the box is theirs.
 */
function roleWords({ role, is_owner: isOwner }) {
  return isOwner ? `${roleName(role)} · ${t("profile.owner")}` : roleName(role);
}
