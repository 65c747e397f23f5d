/** Failed requests, in the words that a page shows. */

import { isAbort, problemIn } from "../api/failures.js";
import { wordsFor } from "../lib/problems.js";

/** @typedef {import("../components/field.js").Field} Field */

/**
 * Returns what happened and what to do.
 *
 * @param {unknown} error What was thrown.
 * @returns {string | null} In words; null if nobody needs to know, because it was our own end.
 */
export function wordsOf(error) {
  if (isAbort(error)) return null;
  const { what, hint } = wordsFor(problemIn(error));
  return `${what} ${hint}`.trim();
}

/**
 * Returns what happened, unless one of the fields can say it better.
 *
 * @param {unknown} error What was thrown.
 * @param {Record<string, Field>} fields By the box's name of their value.
 * @param {Record<string, string>} [fieldByCode] Names of fields by codes of problems that name none.
 * @returns {string | null} In words; null if a field says it, or if nobody needs to know.
 */
export function shownAtField(error, fields, fieldByCode = {}) {
  const text = wordsOf(error);
  if (text === null) return null;
  const { code, field: named } = problemIn(error);
  const name = fieldByCode[code] ?? named ?? "";
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!field) return text;
  field.showError(text);
  field.input.focus();
  return null;
}

/**
 * Shows what is missing at its fields; the first of them gets the focus.
 *
 * @param {Record<string, Field>} fields The fields.
 * @param {Record<string, string | null>} problems By name of the field; null where nothing is missing.
 * @returns {boolean} Whether nothing is missing.
 */
export function isComplete(fields, problems) {
  const wrong = Object.entries(fields).filter(([name]) => problems[name]);
  for (const [name, field] of Object.entries(fields)) field.showError(problems[name] ?? null);
  wrong[0]?.[1].input.focus();
  return wrong.length === 0;
}

/**
 * Does something, and tells how it went in a short notice.
 *
 * @param {import("../components/toasts.js").Toasts} toasts Where.
 * @param {() => Promise<unknown>} act What is done.
 * @param {string} [done] What is said if it went well.
 * @returns {Promise<boolean>} Whether it went well.
 */
export async function told(toasts, act, done = "") {
  try {
    await act();
    if (done) toasts.show(done);
    return true;
  } catch (error) {
    const text = wordsOf(error);
    if (text !== null) toasts.show(text);
    return false;
  }
}
