/** The recovery kit: codes that let the owner in without the password, to print or to save. */

import { button, h } from "../lib/elements.js";
import { dayAndTime } from "../lib/formats.js";
import { kitText } from "../lib/kit-text.js";
import { saveFile } from "../lib/saving.js";
import { t } from "../lib/texts.js";
import { createTick } from "./choices.js";
import { createCopyButton } from "./copy-button.js";
import { createRemark } from "./panel.js";
import { printAlone } from "./printing.js";
import { createFacts } from "./sheet.js";

/**
 * Returns the kit; it wants to be saved before one goes on.
 *
 * @param {object} look What it shows.
 * @param {string[]} look.codes Shown this once.
 * @param {string} look.email Whose they are.
 * @param {{ host: string, origin: string }} look.box Name and address under which the box is open here.
 * @param {Date} look.now When they were made.
 * @param {() => void} look.onDone Called once they are saved.
 * @returns {HTMLElement} The kit.
 */
export function createRecoveryKit({ codes, email, box, now, onDone }) {
  /** @type {[string, string][]} */
  const facts = [
    [t("kit.box"), box.host],
    [t("kit.address"), box.origin],
    [t("kit.email"), email],
    [t("kit.created"), dayAndTime(now.toISOString())],
  ];
  const text = kitText({ title: t("kit.title"), facts, codes, how: t("kit.how"), warning: `${t("kit.warning")} ${t("kit.place")}` });
  const list = h("ol", { class: "codes", translate: "no", "aria-label": t("kit.list") }, ...codes.map((code) => h("li", { class: "codes-one" }, code)));
  const sheet = h("div", { class: "sheet" }, h("h2", { class: "sheet-title" }, `Nodo – ${t("kit.title")}`), createFacts(facts), list, h("p", {}, t("kit.how")), h("p", {}, t("kit.place")));
  const acts = h(
    "div",
    { class: "form-row" },
    button(t("kit.print"), () => printAlone(sheet), { symbol: "print" }),
    button(t("kit.download"), () => saveFile(new Blob([text], { type: "text/plain;charset=utf-8" }), t("kit.file")), { symbol: "down" }),
    createCopyButton({ label: t("kit.copy"), textOf: () => text, className: "button button-plain" }),
  );
  return h("div", { class: "kit" }, createRemark(t("kit.warning"), "warn"), sheet, acts, ...lastStep(onDone));
}

/**
 * @param {() => void} onDone Called once the kit is saved.
 * @returns {Node[]} The tick, and the way on.
 */
function lastStep(onDone) {
  const problem = h("p", { class: "field-error", role: "alert" });
  const saved = createTick({
    label: t("kit.saved"),
    onChange: () => {
      problem.textContent = "";
    },
  });
  const goOn = () => {
    if (saved.input.checked) {
      onDone();
      return;
    }
    problem.textContent = t("kit.must_save");
    saved.input.focus();
  };
  return [saved.element, problem, button(t("kit.go_on"), goOn, { kind: "primary" })];
}
