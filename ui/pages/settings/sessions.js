/** Where one is signed in, and ending that. */

import { asked } from "../../components/asking.js";
import { createMark, createPanel } from "../../components/panel.js";
import { createRecordTable } from "../../components/record-table.js";
import { button, h } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { fromNow } from "../../lib/times.js";
import { told } from "../failing.js";
import { showLoaded } from "../loading.js";

/**
 * @typedef {import("./page.js").Part} Part
 * @typedef {import("../../api/people-types.js").Session} Session
 */

/**
 * Returns the list with its buttons.
 *
 * @param {Part} part What it works with.
 * @returns {{ element: HTMLElement, refresh: () => void }} The list, and how to ask for it again.
 */
export function createSessionsPanel({ context, account, signal }) {
  const place = h("div", { class: "loaded" });
  const refresh = () => void showLoaded(place, { load: account.sessions, draw: ({ items }) => draw(items), signal });
  const end = async (/** @type {Session} */ session) => {
    const isDone = await told(context.toasts, () => account.endSession(session.id), t("security.session_ended", { device: session.device }));
    if (isDone) refresh();
  };
  const endOthers = async () => {
    const question = { title: t("security.end_others"), text: t("security.end_others_text"), action: t("security.end_others"), isDanger: true };
    if ((await asked(question)) && (await told(context.toasts, account.endOtherSessions, t("security.others_ended")))) refresh();
  };
  const draw = (/** @type {Session[]} */ sessions) => {
    const now = new Date();
    const act = (/** @type {Session} */ one) => {
      if (one.is_current) return null;
      const ender = button(t("security.end"), () => void end(one));
      ender.setAttribute("aria-label", t("security.end_named", { device: one.device }));
      return ender;
    };
    const table = createRecordTable({
      caption: t("security.sessions"),
      columns: [
        { name: t("security.device"), of: (one) => nameOf(one) },
        { name: t("security.used"), of: ({ last_used_at: at }) => fromNow(at, now) },
        { name: t("security.since"), of: ({ created_at: at }) => fromNow(at, now) },
        { name: t("security.address"), of: ({ address }) => address ?? "–" },
        { name: "", of: act },
      ],
      rows: sessions,
      idOf: ({ id }) => id,
    });
    const hasOthers = sessions.some(({ is_current: isCurrent }) => !isCurrent);
    const all = hasOthers ? button(t("security.end_others"), () => void endOthers()) : h("p", { class: "panel-lead" }, t("security.only_here"));
    return [table, h("div", { class: "form-row" }, all)];
  };
  refresh();
  return { element: createPanel(t("security.sessions"), t("security.sessions_lead"), place), refresh };
}

/**
 * @param {Session} session Where one is signed in.
 * @returns {Node} Its device, and whether it is this one.
 */
function nameOf({ device, is_current: isCurrent }) {
  return h("span", { class: "named" }, device || t("security.unknown_device"), isCurrent && createMark("check", t("security.this_device"), "good"));
}
