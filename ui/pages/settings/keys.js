/** API keys: what programs use in one's name. */

import { asked } from "../../components/asking.js";
import { createSelect, createTick } from "../../components/choices.js";
import { createCopyButton } from "../../components/copy-button.js";
import { createField } from "../../components/field.js";
import { createForm } from "../../components/form.js";
import { openModal } from "../../components/modal.js";
import { createMark, createPanel, createRemark } from "../../components/panel.js";
import { createRecordTable } from "../../components/record-table.js";
import { button, fill, h, setAttribute } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { fromNow } from "../../lib/times.js";
import { isComplete, shownAtField, told } from "../failing.js";
import { showLoaded } from "../loading.js";

/**
 * @typedef {import("./page.js").Part} Part
 * @typedef {import("../../api/people-types.js").ApiKey} ApiKey
 * @typedef {import("../../api/people-types.js").KeyScope} KeyScope
 */

/** @returns {{ scope: KeyScope, label: string, hint: string }[]} What a key can be made for. */
function scopes() {
  return [
    { scope: "chat", label: t("keys.scope_chat"), hint: t("keys.scope_chat_hint") },
    { scope: "models", label: t("keys.scope_models"), hint: t("keys.scope_models_hint") },
    { scope: "metrics", label: t("keys.scope_metrics"), hint: t("keys.scope_metrics_hint") },
  ];
}

/**
 * Shows the part.
 *
 * @param {HTMLElement} content Where.
 * @param {Part} part What it works with.
 */
export function showKeys(content, part) {
  const place = h("div", { class: "loaded" });
  const refresh = () => void showLoaded(place, { load: part.account.keys, draw: ({ items }) => [listOf(items, part, refresh)], signal: part.signal });
  refresh();
  fill(
    content,
    createPanel(t("keys.yours"), t("keys.lead"), place),
    createPanel(t("keys.create"), "", createKeyForm(part, refresh)),
    createPanel(t("keys.example"), t("keys.example_lead"), createExample("nodo_…")),
  );
}

/**
 * @param {ApiKey[]} keys The keys.
 * @param {Part} part What it works with.
 * @param {() => void} refresh Asks for the list again.
 * @returns {Node} The list.
 */
function listOf(keys, { context, account }, refresh) {
  if (keys.length === 0) return h("p", { class: "empty" }, t("keys.none"));
  const revoke = async (/** @type {ApiKey} */ { id, name }) => {
    const question = { title: t("keys.revoke_title", { name }), text: t("keys.revoke_text"), action: t("keys.revoke"), isDanger: true };
    if ((await asked(question)) && (await told(context.toasts, () => account.revokeKey(id), t("keys.revoked", { name })))) refresh();
  };
  const revoker = (/** @type {ApiKey} */ key) => {
    const element = button(t("keys.revoke"), () => void revoke(key));
    element.setAttribute("aria-label", t("keys.revoke_title", { name: key.name }));
    return element;
  };
  const now = new Date();
  const names = new Map(scopes().map(({ scope, label }) => [scope, label]));
  return createRecordTable({
    caption: t("keys.yours"),
    columns: [
      { name: t("keys.name"), of: ({ name }) => name },
      { name: t("keys.may"), of: (key) => h("span", { class: "marks" }, ...key.scopes.map((scope) => createMark("key", names.get(scope) ?? scope, "calm"))) },
      { name: t("keys.used"), of: ({ last_used_at: at }) => (at ? fromNow(at, now) : t("keys.never")) },
      { name: t("keys.expires"), of: ({ expires_at: at }) => (at ? fromNow(at, now) : t("keys.never_expires")) },
      { name: "", of: revoker },
    ],
    rows: keys,
    idOf: ({ id }) => id,
  });
}

/**
 * @param {Part} part What it works with.
 * @param {() => void} refresh Asks for the list again.
 * @returns {HTMLFormElement} Name, scopes and how long.
 */
function createKeyForm({ context, account }, refresh) {
  const name = createField({ label: t("keys.name"), name: "name", autocomplete: "off", hint: t("keys.name_hint") });
  const ticks = scopes().map(({ scope, label, hint }) => ({ scope, ...createTick({ label, hint, value: scope, isOn: scope === "chat" }) }));
  const missing = h("p", { class: "field-error", role: "alert", hidden: true }, t("keys.scope_missing"));
  const group = h("fieldset", { class: "choices" }, h("legend", { class: "field-label" }, t("keys.may")), ...ticks.map(({ element }) => element), missing);
  const expiry = createSelect({
    label: t("form.valid_for"),
    name: "expires",
    value: "90",
    choices: [
      { value: "30", label: t("keys.days", { n: 30 }) },
      { value: "90", label: t("keys.days", { n: 90 }) },
      { value: "365", label: t("keys.days", { n: 365 }) },
      { value: "", label: t("keys.never_expires") },
    ],
  });
  const send = async () => {
    const wanted = ticks.filter(({ input }) => input.checked).map(({ scope }) => scope);
    setAttribute(missing, "hidden", wanted.length > 0);
    if (!isComplete({ name }, { name: name.input.value.trim() ? null : t("keys.name_missing") }) || wanted.length === 0) return null;
    const days = Number(expiry.select.value);
    try {
      const made = await account.createKey({ name: name.input.value.trim(), scopes: wanted, ...(days ? { expires_in_days: days } : {}) });
      name.input.value = "";
      openNewKey(made.key);
      context.announcer.say(t("keys.created"));
      refresh();
      return null;
    } catch (error) {
      return shownAtField(error, { name });
    }
  };
  return createForm({ fields: [name.element, group, expiry.element], submit: t("keys.create"), busy: t("keys.creating"), isSmall: true, send });
}

/** @param {string} key Shown this once. */
function openNewKey(key) {
  const box = h("code", { class: "secret-text", translate: "no" }, key);
  const copy = createCopyButton({ label: t("keys.copy"), textOf: () => key, className: "button button-primary" });
  const done = button(t("keys.done"), () => modal.close());
  const modal = openModal({
    title: t("keys.new"),
    canClose: false,
    className: "modal-wide",
    content: () => [createRemark(t("keys.once"), "warn"), box, h("div", { class: "form-row" }, copy, done), h("h3", {}, t("keys.example")), createExample(key)],
  });
}

/**
 * @param {string} key A key, or what stands for one.
 * @returns {HTMLElement} A line for a terminal, with this box's address.
 */
function createExample(key) {
  const line = `curl ${location.origin}/chat/send -H "Authorization: Bearer ${key}" -H "Content-Type: application/json" -d '{"content": "Hello"}'`;
  const copy = createCopyButton({ label: t("keys.copy_line"), textOf: () => line, className: "button button-quiet" });
  return h("div", { class: "example" }, h("pre", { class: "example-text", tabindex: 0, role: "region", "aria-label": t("keys.example") }, h("code", {}, line)), copy);
}
