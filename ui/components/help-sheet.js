/** The list of keys. */

import { h, on } from "../lib/elements.js";
import { t } from "../lib/texts.js";
import { openModal } from "./modal.js";

/**
 * Opens the sheet.
 *
 * @param {{ isOn: boolean, onSwitch: (isOn: boolean) => void }} shortcuts Whether shortcuts work, and how to change it.
 */
export function openHelpSheet({ isOn, onSwitch }) {
  const groups = groupsOf(/Mac|iPhone|iPad/u.test(navigator.platform) ? "⌘" : "Ctrl");
  const lists = groups.map(([heading, rows]) => h("section", { class: "keys-group" }, h("h3", {}, heading), keyList(rows)));
  const box = h("input", { type: "checkbox", checked: isOn });
  on(box, { change: () => onSwitch(box.checked) });
  const choice = h("label", { class: "check" }, box, h("span", {}, t("keys.switch")));
  openModal({ title: t("keys.title"), className: "keys-sheet", content: () => [choice, ...lists] });
}

/** @typedef {[string, string[]][]} Rows What a key does, and which it is. */

/**
 * @param {string} mod Name of the key that goes with others.
 * @returns {[string, Rows][]} Headings with their keys.
 */
function groupsOf(mod) {
  const shift = t("keys.shift");
  const enter = t("keys.enter");
  return [
    [t("keys.anywhere"), [
      [t("keys.new_chat"), [mod, shift, "O"]],
      [t("keys.search"), [mod, "K"]],
      [t("keys.choose"), [mod, "K"]],
      [t("keys.sidebar"), [mod, shift, "S"]],
      [t("keys.composer"), [shift, "Esc"]],
      [t("keys.slash"), ["/"]],
      [t("keys.regenerate"), [mod, shift, enter]],
      [t("keys.delete"), [mod, shift, "⌫"]],
      [t("keys.settings"), [mod, ","]],
      [t("keys.help"), ["F1"]],
      [t("keys.help"), [mod, "/"]],
    ]],
    [t("keys.in_field"), [
      [t("keys.send"), [enter]],
      [t("keys.newline"), [shift, enter]],
      [t("keys.stop"), ["Esc"]],
      [t("keys.edit_last"), ["↑"]],
      [t("keys.edit_send"), [mod, enter]],
      [t("keys.edit_cancel"), ["Esc"]],
    ]],
    [t("keys.in_list"), [[t("keys.rename"), ["F2"]]]],
  ];
}

/**
 * @param {Rows} rows What to list.
 * @returns {HTMLElement} The list.
 */
function keyList(rows) {
  const keys = (/** @type {string[]} */ names) => h("dd", {}, ...names.map((name) => h("kbd", {}, name)));
  return h("dl", { class: "keys" }, ...rows.flatMap(([name, names]) => [h("dt", {}, name), keys(names)]));
}
