/** Problems in words: what happened and what to do. */

import { duration } from "./formats.js";
import { findText, language, t } from "./texts.js";

/**
 * @typedef {{ code: string, detail?: string | undefined, hint?: string | undefined, request_id?: string | undefined,
 *   retry_after_s?: number | undefined }} Problem
 * @typedef {{ what: string, hint: string, support: string }} Words
 */

/**
 * Returns the words for a problem: ours where we know its code, else the box's own.
 *
 * @param {Problem} problem From the box.
 * @returns {Words} `support` is what somebody who helps wants to know.
 */
export function wordsFor(problem) {
  const wait = duration(problem.retry_after_s ?? 30);
  const known = findText(`problem.${problem.code}`, { wait, detail: problem.detail ?? "" });
  const knownHint = findText(`problem.${problem.code}.hint`, { wait });
  return {
    what: known ?? (problem.detail || t("problem.other")),
    hint: knownHint ?? hintOfBox(problem, known === null),
    support: [problem.code, problem.request_id].filter(Boolean).join(" · "),
  };
}

/**
 * @param {Problem} problem From the box.
 * @param {boolean} isTheirs Whether it stands below the box's own words.
 * @returns {string} Its hint. It is English: below a sentence in another language it would only startle.
 */
function hintOfBox({ hint = "" }, isTheirs) {
  return isTheirs || language() === "en" ? hint : "";
}
