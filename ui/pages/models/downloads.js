/** Models on their way. */

import { button, h } from "../../lib/elements.js";
import { duration, size } from "../../lib/formats.js";
import { wordsFor } from "../../lib/problems.js";
import { t } from "../../lib/texts.js";

/**
 * @typedef {import("../../api/model-keeping.js").Download} Download
 * @typedef {{ onStop: (one: Download) => void, onGoOn: (one: Download) => void, onDiscard: (one: Download) => void }} Acts
 */

const OVER = new Set(["done", "stopped", "failed"]);

/**
 * @param {Download} download A download.
 * @returns {boolean} Whether more of it comes by itself.
 */
export function isUnderway({ state }) {
  return !OVER.has(state);
}

/**
 * Returns the models that are on their way, or were stopped there.
 *
 * @param {Download[]} downloads All of them.
 * @param {Acts} acts What can be done with them.
 * @returns {Node[]} Nothing if there are none.
 */
export function createDownloads(downloads, acts) {
  const rows = downloads.filter(({ state }) => state !== "done").map((one) => row(one, acts));
  return rows.length ? [h("h2", {}, t("models.downloads")), h("ul", { class: "models-rows" }, ...rows)] : [];
}

/**
 * @param {Download} one A download.
 * @param {Acts} acts What can be done with it.
 * @returns {HTMLLIElement} Its row.
 */
function row(one, acts) {
  const underway = isUnderway(one);
  const words = h("div", { class: "models-row-words" }, h("strong", {}, one.title), h("span", { class: "models-note" }, lineOf(one)));
  if (underway ? one.total_bytes > 0 : isPartHere(one)) words.append(h("progress", { class: "models-bar", max: one.total_bytes, value: one.done_bytes, "aria-label": one.title }));
  if (one.problem) words.append(h("span", { class: "card-problem" }, sentenceOf(one.problem)));
  return h("li", { class: "models-row", "data-download": one.id }, words, h("div", { class: "models-acts" }, ...buttons(one, underway, acts)));
}

/**
 * @param {Download} one A download that rests.
 * @returns {boolean} Whether a part of it is kept; what came whole and was wrong is not.
 */
function isPartHere({ done_bytes: done, total_bytes: total }) {
  return done > 0 && done < total;
}

/**
 * @param {Download} one A download.
 * @param {boolean} underway Whether it is on its way.
 * @param {Acts} acts What can be done with it.
 * @returns {HTMLButtonElement[]} For doing that.
 */
function buttons(one, underway, { onStop, onGoOn, onDiscard }) {
  if (underway) return [named("models.download_stop", one, () => onStop(one))];
  const more = one.state === "failed" ? "models.download_again" : "models.download_go_on";
  return [named(more, one, () => onGoOn(one)), named("models.download_remove", one, () => onDiscard(one))];
}

/**
 * @param {"models.download_stop" | "models.download_go_on" | "models.download_again" | "models.download_remove"} key Of its words.
 * @param {Download} one A download.
 * @param {() => void} act What it does.
 * @returns {HTMLButtonElement} A button that says aloud which model it means.
 */
function named(key, one, act) {
  const made = button(t(key), act, { kind: "quiet" });
  made.setAttribute("aria-label", t(`${key}_named`, { name: one.title }));
  return made;
}

/**
 * @param {Download} one A download.
 * @returns {string} How far it is, in words.
 */
function lineOf({ state, done_bytes: done, total_bytes: total, rate_bytes_per_s: rate, remaining_s: left }) {
  const parts = [t(`models.state.${state}`)];
  if (total > 0 && done > 0 && state !== "failed") parts.push(t("models.download_share", { done: size(done), total: size(total) }));
  if (rate > 0 && left !== null) parts.push(t("models.download_rate", { rate: size(rate), left: duration(left) }));
  return parts.join(" · ");
}

/**
 * @param {{ code: string, detail: string, hint: string }} problem Of the box.
 * @returns {string} In words.
 */
export function sentenceOf(problem) {
  const { what, hint } = wordsFor(problem);
  return `${what} ${hint}`.trim();
}
