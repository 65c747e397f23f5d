/** The second step of signing in: switching it on with an authenticator app, and off again. */

import { asked } from "../../components/asking.js";
import { createCopyButton } from "../../components/copy-button.js";
import { createField } from "../../components/field.js";
import { createForm } from "../../components/form.js";
import { openModal } from "../../components/modal.js";
import { createMark, createPanel } from "../../components/panel.js";
import { createQr } from "../../components/sheet.js";
import { button, h } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { day } from "../../lib/times.js";
import { isComplete, shownAtField, told } from "../failing.js";
import { showLoaded } from "../loading.js";
import { openKit } from "./recovery.js";

/**
 * @typedef {import("./page.js").Part} Part
 * @typedef {import("../../api/people-types.js").SecondFactorState} SecondFactorState
 * @typedef {import("../../api/people-types.js").SecondFactorStart} SecondFactorStart
 */

/**
 * Returns the panel.
 *
 * @param {Part} part What it works with.
 * @param {{ onChange: () => void }} then Called after a change: there are new recovery codes, or none any more.
 * @returns {HTMLElement} The panel.
 */
export function createSecondStep(part, { onChange }) {
  const { context, account, signal } = part;
  const place = h("div", { class: "loaded" });
  const refresh = () => void showLoaded(place, { load: account.secondFactor, draw, signal });
  const changed = (/** @type {boolean} */ isOn) => {
    context.user.mfa_enabled = isOn;
    refresh();
    onChange();
  };
  const start = () => told(context.toasts, async () => openStart(part, await account.startSecondFactor(), () => changed(true)));
  const disable = async () => {
    const question = { title: t("second.disable"), text: t("second.disable_text"), action: t("second.disable"), isDanger: true };
    if (!(await asked(question))) return;
    if (await told(context.toasts, account.disableSecondFactor, t("second.disabled"))) changed(false);
  };
  const draw = (/** @type {SecondFactorState} */ { enabled, since }) => {
    if (!enabled) return [h("p", { class: "named" }, createMark("info", t("second.off"), "calm")), h("div", { class: "form-row" }, button(t("second.start"), () => void start()))];
    const mark = createMark("check", since ? t("second.on_since", { day: day(since) }) : t("second.on"), "good");
    return [h("p", { class: "named" }, mark), h("div", { class: "form-row" }, button(t("second.disable"), () => void disable()))];
  };
  refresh();
  return createPanel(t("second.title"), t("second.lead"), place);
}

/**
 * Shows what the app needs, and asks for its first code.
 *
 * @param {Part} part What it works with.
 * @param {SecondFactorStart} start From the box.
 * @param {() => void} onDone Called when the second step is in force.
 */
function openStart({ context, account }, start, onDone) {
  const code = createField({ label: t("second.code"), name: "code", autocomplete: "one-time-code", hint: t("second.code_hint"), className: "field-code" });
  const send = async () => {
    const typed = code.input.value.replace(/\s/gu, "");
    if (!isComplete({ code }, { code: typed ? null : t("code.missing") })) return null;
    try {
      const { recovery_codes: codes } = await account.confirmSecondFactor(typed);
      modal.close();
      context.toasts.show(t("second.enabled"));
      openKit(codes, context.user.email);
      onDone();
      return null;
    } catch (error) {
      return shownAtField(error, { code });
    }
  };
  const secret = start.secret.replace(/(.{4})(?=.)/gu, "$1 ");
  const byHand = h("div", { class: "secret" }, h("p", {}, t("second.by_hand")), h("code", { class: "secret-text", translate: "no" }, secret), createCopyButton({ label: t("second.copy"), textOf: () => start.secret, className: "button button-quiet" }));
  const steps = h("ol", { class: "steps" }, h("li", {}, t("second.step_app")), h("li", {}, t("second.step_scan"), createQr(start.qr_svg, t("second.qr")), byHand), h("li", {}, t("second.step_code")));
  const form = createForm({ fields: [code.element], submit: t("second.confirm"), busy: t("confirm.busy"), isSmall: true, onCancel: () => modal.close(), cancel: t("ask.cancel"), send });
  const modal = openModal({ title: t("second.title"), className: "modal-wide", content: () => [steps, form] });
}
