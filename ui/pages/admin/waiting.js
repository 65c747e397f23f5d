/** Who has asked for an account and waits for an answer: they come first. */

import { asked } from "../../components/asking.js";
import { createPanel } from "../../components/panel.js";
import { createRecordTable } from "../../components/record-table.js";
import { button, fill, h, setAttribute } from "../../lib/elements.js";
import { t, tCount } from "../../lib/texts.js";
import { fromNow } from "../../lib/times.js";
import { told, wordsOf } from "../failing.js";

/**
 * @typedef {import("./page.js").Part} Part
 * @typedef {import("../../api/people-types.js").Person} Person
 */

/**
 * Returns the panel; it is not there while nobody waits.
 *
 * @param {Part} part What it works with.
 * @param {() => void} onChange Called when somebody was answered.
 * @returns {{ element: HTMLElement, refresh: () => void }} The panel, and how to ask again.
 */
export function createWaiting(part, onChange) {
  const element = h("div", { class: "waiting" });
  const refresh = async () => {
    try {
      const { items } = await part.admin.people({ state: "waiting" }, part.signal);
      fill(element, items.length > 0 && createPanel(tCount("waiting.title", items.length), t("waiting.lead"), tableOf(items, part, onChange)));
    } catch (error) {
      // The list below asks the same box and says what is wrong.
      wordsOf(error);
      fill(element);
    }
  };
  return { element, refresh: () => void refresh() };
}

/**
 * @param {Person[]} people Who waits.
 * @param {Part} part What it works with.
 * @param {() => void} onChange Called when somebody was answered.
 * @returns {HTMLElement} The table.
 */
function tableOf(people, { context, admin }, onChange) {
  const approve = async (/** @type {Person} */ { id, name }) => {
    if (await told(context.toasts, () => admin.act(id, "approve"), t("waiting.approved", { name }))) onChange();
  };
  const reject = async (/** @type {Person} */ { id, name }) => {
    const question = { title: t("waiting.reject_title", { name }), text: t("waiting.reject_text"), action: t("waiting.reject"), isDanger: true };
    if ((await asked(question)) && (await told(context.toasts, () => admin.act(id, "reject"), t("waiting.rejected", { name })))) onChange();
  };
  const answers = (/** @type {Person} */ person) => {
    const yes = button(t("waiting.approve"), () => void approve(person), { kind: "primary" });
    const no = button(t("waiting.reject"), () => void reject(person));
    setAttribute(yes, "aria-label", t("waiting.approve_named", { name: person.name }));
    setAttribute(no, "aria-label", t("waiting.reject_title", { name: person.name }));
    return h("span", { class: "form-row" }, yes, no);
  };
  const now = new Date();
  return createRecordTable({
    caption: t("waiting.list"),
    columns: [
      { name: t("users.person"), of: ({ name }) => name },
      { name: t("login.email"), of: ({ email }) => email },
      { name: t("waiting.asked"), of: ({ created_at: at }) => fromNow(at, now) },
      { name: "", of: answers },
    ],
    rows: people,
    idOf: ({ id }) => id,
  });
}
