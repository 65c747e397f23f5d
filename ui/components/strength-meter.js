/** How good a password is, in a word and a bar. */

import { h } from "../lib/elements.js";
import { SHORTEST_PASSWORD } from "../lib/strength.js";
import { t } from "../lib/texts.js";

/** @typedef {import("../lib/strength.js").Strength} Strength */

/** @type {Record<Strength, number>} */
const LEVELS = { short: 0, weak: 1, fair: 2, good: 3, strong: 4 };

/** Returns the bar with its word; empty at first. */
export function createStrengthMeter() {
  const bar = h("span", { class: "strength-bar", "aria-hidden": "true" });
  for (let step = 0; step < 4; step += 1) bar.append(h("span", { class: "strength-step" }));
  const word = h("span", { class: "strength-word" });
  const element = h("div", { class: "strength", "data-level": "0", role: "status" }, bar, word);
  return {
    element,

    /** @param {Strength | null} strength Null while nothing is typed. */
    show(strength) {
      element.dataset["level"] = String(strength ? LEVELS[strength] : 0);
      word.textContent = strength ? wordOf(strength) : "";
    },
  };
}

/**
 * @param {Strength} strength How good.
 * @returns {string} In words.
 */
function wordOf(strength) {
  if (strength === "short") return t("strength.short", { n: SHORTEST_PASSWORD });
  if (strength === "weak") return t("strength.weak");
  if (strength === "fair") return t("strength.fair");
  return strength === "good" ? t("strength.good") : t("strength.strong");
}
