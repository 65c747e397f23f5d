/** What was typed, before the box is asked: what is plainly missing is said at once. */

import { t } from "../lib/texts.js";

/**
 * Returns why an address cannot be one.
 *
 * @param {string} email As typed, without spaces around it.
 * @returns {string | null} In words; null if it may be one.
 */
export function emailProblem(email) {
  return /^[^\s@]+@[^\s@]+$/u.test(email) ? null : t("setup.email_wrong");
}

/**
 * Returns a code as the box knows it: people type spaces, dashes and small letters.
 *
 * @param {string} code As typed.
 * @returns {string} Letters and digits.
 */
export function tidyCode(code) {
  return code.replace(/[\s-]/gu, "").toUpperCase();
}
