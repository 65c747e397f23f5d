/** Recovery codes: how many are left, and making new ones. */

import { asked } from "../../components/asking.js";
import { openModal } from "../../components/modal.js";
import { createPanel, createRemark } from "../../components/panel.js";
import { createRecoveryKit } from "../../components/recovery-kit.js";
import { button, h } from "../../lib/elements.js";
import { t, tCount } from "../../lib/texts.js";
import { day } from "../../lib/times.js";
import { told } from "../failing.js";
import { showLoaded } from "../loading.js";

/**
 * @typedef {import("./page.js").Part} Part
 * @typedef {import("../../api/people-types.js").RecoveryState} RecoveryState
 */

const FEW = 3;

/**
 * Returns the panel.
 *
 * @param {Part} part What it works with.
 * @returns {{ element: HTMLElement, refresh: () => void }} The panel, and how to ask for the numbers again.
 */
export function createRecoveryPanel({ context, account, signal }) {
  const place = h("div", { class: "loaded" });
  const refresh = () => void showLoaded(place, { load: account.recovery, draw, signal });
  const renew = async (/** @type {RecoveryState} */ { left }) => {
    const question = { title: t("recovery.renew"), text: t("recovery.renew_text"), action: t("recovery.renew") };
    if (left > 0 && !(await asked(question))) return;
    await told(context.toasts, async () => {
      const { codes } = await account.newRecoveryCodes();
      openKit(codes, context.user.email);
      refresh();
    });
  };
  const draw = (/** @type {RecoveryState} */ state) => {
    const words = stateWords(state);
    const label = state.left > 0 ? t("recovery.renew") : t("recovery.make");
    return [createRemark(words, state.left < FEW ? "warn" : "calm"), h("div", { class: "form-row" }, button(label, () => void renew(state)))];
  };
  refresh();
  const lead = context.user.is_owner ? t("recovery.lead_owner") : t("recovery.lead");
  return { element: createPanel(t("kit.title"), lead, place), refresh };
}

/**
 * Shows codes, which can never be seen again, until they are saved.
 *
 * @param {string[]} codes The codes.
 * @param {string} email Whose they are.
 */
export function openKit(codes, email) {
  const kit = createRecoveryKit({ codes, email, box: location, now: new Date(), onDone: () => modal.close() });
  const modal = openModal({ title: t("kit.title"), canClose: false, className: "modal-wide", content: () => [h("p", {}, t("kit.lead")), kit] });
}

/**
 * @param {RecoveryState} state How many are left, and since when.
 * @returns {string} In words.
 */
function stateWords({ left, created_at: createdAt }) {
  if (createdAt === null) return t("recovery.none");
  return tCount("recovery.left", left, { day: day(createdAt) });
}
