/** Roles in words. */

import { t } from "../lib/texts.js";

/** @typedef {import("../api/people-types.js").Role} Role */

/** @type {readonly Role[]} */
export const ROLES = ["worker", "supervisor", "admin"];

/**
 * Returns what a role is called.
 *
 * @param {Role} role Which.
 * @returns {string} Its name.
 */
export function roleName(role) {
  if (role === "admin") return t("role.admin");
  return role === "supervisor" ? t("role.supervisor") : t("role.worker");
}

/**
 * Returns what a role may do.
 *
 * @param {Role} role Which.
 * @returns {string} In a sentence.
 */
export function roleHint(role) {
  if (role === "admin") return t("role.admin_hint");
  return role === "supervisor" ? t("role.supervisor_hint") : t("role.worker_hint");
}

/**
 * Returns the roles to choose from.
 *
 * @returns {import("../components/choices.js").Choice[]} With what each may do.
 */
export function roleChoices() {
  return ROLES.map((role) => ({ value: role, label: roleName(role), hint: roleHint(role) }));
}
