/** How an account stands, in marks. */

import { createMark } from "../../components/panel.js";
import { t } from "../../lib/texts.js";

/** @typedef {import("../../api/people-types.js").Person} Person */

/**
 * Returns how an account stands.
 *
 * @param {Person} person Whose.
 * @returns {Node[]} In marks with words.
 */
export function stateMarks({ state, mfa_enabled: hasSecondStep }) {
  const marks = [];
  if (state === "active") marks.push(createMark("check", t("users.state_active"), "good"));
  if (state === "disabled") marks.push(createMark("pause", t("users.state_disabled"), "bad"));
  if (state === "waiting") marks.push(createMark("info", t("users.state_waiting"), "calm"));
  if (hasSecondStep) marks.push(createMark("lock", t("users.second_step"), "calm"));
  return marks;
}
