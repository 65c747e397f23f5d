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
  const mod = /Mac|iPhone|iPad/u.test(navigator.platform) ? "⌘" : "Ctrl";
  const shift = t("keys.shift");
  /** @type {[string, string[]][]} */
  const rows = [
    [t("keys.new_chat"), [mod, shift, "O"]],
    [t("keys.search"), [mod, "K"]],
    [t("keys.sidebar"), [mod, shift, "S"]],
    [t("keys.composer"), [shift, "Esc"]],
    [t("keys.send"), [t("keys.enter")]],
    [t("keys.newline"), [shift, t("keys.enter")]],
    [t("keys.stop"), ["Esc"]],
    [t("keys.edit_last"), ["↑"]],
    [t("keys.regenerate"), [mod, shift, t("keys.enter")]],
    [t("keys.rename"), ["F2"]],
    [t("keys.delete"), [mod, shift, "⌫"]],
    [t("keys.help"), ["F1"]],
  ];
  const keys = (/** @type {string[]} */ names) => h("dd", {}, ...names.map((name) => h("kbd", {}, name)));
  const list = h("dl", { class: "keys" }, ...rows.flatMap(([name, names]) => [h("dt", {}, name), keys(names)]));
  const box = h("input", { type: "checkbox", checked: isOn });
  on(box, { change: () => onSwitch(box.checked) });
  const choice = h("label", { class: "check" }, box, h("span", {}, t("keys.switch")));
  openModal({ title: t("keys.title"), content: () => [list, choice] });
}
