/** What is in memory, and how much there is. */

import { button, h } from "../../lib/elements.js";
import { share, size, timeOfDay } from "../../lib/formats.js";
import { t } from "../../lib/texts.js";

/**
 * @typedef {import("../../api/model-keeping.js").Resident} Resident
 * @typedef {import("../../api/model-keeping.js").Residents} Residents
 */

/**
 * Returns the meter, with each model in memory below it.
 *
 * @param {Residents} residents What is in memory.
 * @param {((name: string) => void) | null} onUnload Asked to take one out; null if the person may not.
 * @param {string | null} current The model that answers: it stays.
 * @returns {HTMLElement} The section.
 */
export function createMemory({ items, memory_total_bytes: total, memory_available_bytes: free }, onUnload, current) {
  const percent = total > 0 ? ((total - free) / total) * 100 : 0;
  const bar = h("progress", { class: "models-bar", max: 100, value: Math.round(percent), "aria-label": t("models.memory_label", { percent: share(percent) }) });
  const line = h("p", { class: "models-note" }, t("models.memory_free", { free: size(free), total: size(total) }));
  const rows = items.map((one) => residentRow(one, one.name === current ? null : onUnload));
  const list = rows.length ? h("ul", { class: "models-rows" }, ...rows) : h("p", { class: "models-note" }, t("models.memory_none"));
  return h("section", { class: "models-section" }, h("h2", {}, t("models.memory_title")), bar, line, list);
}

/**
 * @param {Resident} resident A model in memory.
 * @param {((name: string) => void) | null} onUnload Asked to take it out.
 * @returns {HTMLLIElement} Its row.
 */
function residentRow({ name, memory_bytes: held, expires_at: until }, onUnload) {
  const facts = until && h("span", { class: "models-note" }, t("models.ago_unused", { time: timeOfDay(until) }));
  const words = h("span", { class: "models-row-words" }, t("models.memory_of", { name, size: size(held) }), facts);
  const out = onUnload && button(t("models.unload"), () => onUnload(name), { kind: "quiet" });
  out?.setAttribute("aria-label", t("models.unload_named", { name }));
  return h("li", { class: "models-row" }, words, out);
}
