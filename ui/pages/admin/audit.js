/** The audit log: who did what, whether nobody has touched it since, and taking it along. */

import { createSelect } from "../../components/choices.js";
import { createField } from "../../components/field.js";
import { createMark, createPanel, createRemark } from "../../components/panel.js";
import { createRecordTable } from "../../components/record-table.js";
import { createSearchField } from "../../components/search-field.js";
import { createWaitLine } from "../../components/wait-line.js";
import { button, fill, h } from "../../lib/elements.js";
import { number } from "../../lib/formats.js";
import { saveResponse } from "../../lib/saving.js";
import { findText, t } from "../../lib/texts.js";
import { shortMoment } from "../../lib/times.js";
import { told, wordsOf } from "../failing.js";
import { ROLES, roleName } from "../roles.js";
import { makeList } from "./lists.js";

/**
 * @typedef {import("./page.js").Part} Part
 * @typedef {import("../../api/people-types.js").AuditEntry} AuditEntry
 * @typedef {import("../../api/admin.js").AuditFilter} AuditFilter
 */

const ACTIONS = [
  ..."login.done login.refused session.ended user.created user.registered user.approved user.rejected user.renamed".split(" "),
  ..."user.role_changed user.disabled user.enabled user.reset password.changed email.changed mfa.enabled mfa.disabled".split(" "),
  ..."recovery.created key.created key.revoked invite.created invite.used invite.revoked settings.changed".split(" "),
  ..."conversation.listed conversation.read demo.loaded demo.cleared".split(" "),
];

/**
 * Shows the part.
 *
 * @param {HTMLElement} content Where.
 * @param {Part} part What it works with.
 */
export function showAudit(content, part) {
  const { admin, context, signal } = part;
  /** @type {AuditFilter} */
  const filter = {};
  const list = makeList({
    load: (cursor) => admin.audit({ ...filter, cursor }, signal),
    draw: createAuditTable,
    empty: () => t("audit.none"),
    signal,
    announcer: context.announcer,
  });
  const filters = createFilters((changes) => {
    Object.assign(filter, changes);
    list.refresh();
  });
  const save = (/** @type {"csv" | "jsonl"} */ format) =>
    void told(context.toasts, async () => saveResponse(await admin.exportAudit(format, filter), `nodo-audit.${format}`), t("audit.saved"));
  const files = h("div", { class: "form-row" }, button(t("audit.csv"), () => save("csv"), { symbol: "down" }), button(t("audit.jsonl"), () => save("jsonl"), { symbol: "down" }));
  fill(content, createCheck(part), createPanel(t("audit.entries"), t("audit.lead"), filters, list.element, files));
  list.refresh();
}

/**
 * @param {Part} part What it works with.
 * @returns {HTMLElement} Whether the chain of entries holds.
 */
function createCheck({ admin }) {
  const result = h("div", { class: "loaded", role: "status" });
  const wait = createWaitLine();
  const check = async () => {
    fill(result, wait.element);
    wait.start(t("audit.checking"));
    try {
      const { ok, entries, first_broken_id: broken } = await admin.checkAudit();
      fill(result, ok ? createRemark(t("audit.holds", { n: number(entries) }), "good") : createRemark(t("audit.broken", { id: String(broken ?? "?") }), "bad"));
    } catch (error) {
      fill(result, createRemark(wordsOf(error) ?? "", "bad"));
    } finally {
      wait.stop();
    }
  };
  return createPanel(t("audit.check"), t("audit.check_lead"), h("div", { class: "form-row" }, button(t("audit.check"), () => void check())), result);
}

/**
 * @param {(changes: AuditFilter) => void} onChange Called with what changes.
 * @returns {HTMLElement} The filters.
 */
function createFilters(onChange) {
  const all = { value: "", label: t("filter.all") };
  const action = createSelect({ label: t("audit.action"), name: "action", choices: [{ value: "", label: t("audit.all") }, ...ACTIONS.map((value) => ({ value, label: actionWords(value) }))] });
  const outcome = createSelect({
    label: t("audit.outcome"),
    name: "outcome",
    choices: [all, { value: "done", label: t("audit.done") }, { value: "refused", label: t("audit.refused") }],
  });
  const since = createField({ label: t("audit.since"), name: "since", type: "date", autocomplete: "off", isOptional: true });
  const until = createField({ label: t("audit.until"), name: "until", type: "date", autocomplete: "off", isOptional: true });
  action.select.addEventListener("change", () => onChange({ action: action.select.value }));
  outcome.select.addEventListener("change", () => onChange({ outcome: outcome.select.value }));
  since.input.addEventListener("change", () => onChange({ since: instantOf(since.input.value, "00:00:00") }));
  until.input.addEventListener("change", () => onChange({ until: instantOf(until.input.value, "23:59:59") }));
  const actor = createSearchField({ label: t("audit.who"), onQuery: (query) => onChange({ actor: query }) });
  return h("div", { class: "filters", role: "search" }, actor, action.element, outcome.element, since.element, until.element);
}

/**
 * @param {string} localDay Such as "2026-11-21", as the browser's own calendar gives it; may be empty.
 * @param {string} time Hour of the day here.
 * @returns {string} RFC 3339; empty for no day.
 */
function instantOf(localDay, time) {
  const instant = new Date(`${localDay}T${time}`);
  return Number.isNaN(instant.getTime()) ? "" : instant.toISOString();
}

/**
 * @param {AuditEntry[]} entries Newest first.
 * @returns {HTMLElement} The table.
 */
function createAuditTable(entries) {
  return createRecordTable({
    caption: t("audit.entries"),
    columns: [
      { name: t("audit.when"), of: ({ created_at: at }) => shortMoment(at) },
      { name: t("audit.who"), of: ({ actor_name: name, address }) => withNote(name || t("audit.nobody"), address ?? "") },
      { name: t("audit.action"), of: ({ action, details }) => withNote(actionWords(action), detailWords(details)) },
      { name: t("audit.target"), of: ({ target_name: name }) => name || "–" },
      { name: t("audit.outcome"), of: ({ outcome }) => (outcome === "done" ? createMark("check", t("audit.done"), "calm") : createMark("warning", t("audit.refused"), "bad")) },
    ],
    rows: entries,
    idOf: ({ id }) => String(id),
  });
}

/**
 * @param {string} text What is said first.
 * @param {string} note What is said smaller below; may be empty.
 * @returns {Node} Both.
 */
function withNote(text, note) {
  return h("span", { class: "person" }, h("span", { dir: "auto" }, text), note && h("span", { class: "person-email" }, note));
}

/**
 * @param {string} action Name of an action.
 * @returns {string} In words; the name itself where there are none.
 */
function actionWords(action) {
  return findText(`audit.action.${action}`) ?? action;
}

/**
 * @param {AuditEntry["details"]} details Further facts.
 * @returns {string} In one line.
 */
function detailWords(details) {
  const facts = Object.entries(details ?? {});
  // In the order of time, wherever the record keeps them: first what was, then what became of it.
  const inOrder = [...facts.filter(([name]) => name === "before"), ...facts.filter(([name]) => name !== "before")];
  return inOrder
    .map(([name, value]) => `${findText(`audit.detail.${name}`) ?? name}: ${valueWords(value)}`)
    .join(" · ");
}

/**
 * @param {string | number | boolean} value A fact.
 * @returns {string} In words, where it is one of ours.
 */
function valueWords(value) {
  if (typeof value === "boolean") return value ? t("audit.yes") : t("audit.no");
  if (value === "approval" || value === "closed") return value === "closed" ? t("rules.closed") : t("rules.approval");
  const role = ROLES.find((one) => one === value);
  return role ? roleName(role) : (findText(`audit.value.${value}`) ?? String(value));
}
