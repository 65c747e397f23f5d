/** What the box tells a person without being asked: in words, and with the way to what it is about. */

import { loadPageTexts } from "../lib/more-texts.js";
import { findText, t } from "../lib/texts.js";

/**
 * @typedef {import("../pages/context.js").PageContext} PageContext
 * @typedef {{ code: string, device?: string, name?: string, allowed?: boolean }} Notice
 */

/** @type {Readonly<Record<string, string>>} */
const PLACES = {
  audit_broken: "#/admin/audit",
  engine_failed: "#/models",
  provider_needs_you: "#/admin/providers",
  new_sign_in: "#/settings/security",
  registration_waiting: "#/admin/users",
  session_stolen: "#/settings/security",
};

/**
 * Shows a notice for a while.
 *
 * @param {Notice} notice What the box said.
 * @param {PageContext} context Where it is shown.
 */
export async function showNotice(notice, context) {
  await loadPageTexts();
  if (notice.code === "conversations_may_be_read") context.onUser({ ...context.user, conversations_may_be_read: notice.allowed === true });
  const text = wordsOf(notice);
  // Of a newer box than this page is of: it has no words for it.
  if (text === null) return;
  const place = PLACES[notice.code];
  if (place) context.toasts.show(text, { label: t("news.look"), act: () => context.go(place) });
  else context.toasts.show(text);
}

/**
 * @param {Notice} notice What the box said.
 * @returns {string | null} It in words; null if there are none.
 */
function wordsOf({ code, allowed, device = "", name = "" }) {
  const variant = allowed === undefined ? "" : `.${allowed ? "on" : "off"}`;
  return findText(`news.${code}${variant}`, { device, name });
}
