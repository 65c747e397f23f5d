/** Which model wrote an answer, how fast, and how much was read: folded away. */

import { fill, h, icon, on, setAttribute } from "../lib/elements.js";
import { t } from "../lib/texts.js";

/** @typedef {import("../api/types.js").Message} Message */

/**
 * Returns the fold; hidden until something is known.
 *
 * @param {{ showsTokens: boolean }} look Whether speed is told in tokens or in words.
 */
export function createAnswerDetails(look) {
  const label = t("details.name");
  const list = h("dl", { class: "details-list" });
  const name = h("span", {}, label);
  const summary = h("summary", { class: "row-action", title: label }, icon("info"), name);
  const element = h("details", { class: "details", hidden: true }, summary, list);
  /** @type {Message | null} */
  let shown = null;
  const draw = (/** @type {typeof import("./answer-facts.js")} */ { factsOf }) => {
    if (shown) fill(list, ...factsOf(shown, look).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
  };
  const fillOpen = () => {
    // Few look at it: what makes its words is loaded when somebody does. Without it, when the box serves another version by now, it stays empty.
    if (element.open) import("./answer-facts.js").then(draw, () => undefined);
  };
  on(element, {
    keydown: (event) => {
      if (event.key === "Escape" && element.open) {
        event.stopPropagation();
        element.open = false;
        summary.focus();
      }
    },
    toggle: fillOpen,
    focusout: (event) => {
      if (!(event.relatedTarget instanceof Node) || !element.contains(event.relatedTarget)) element.open = false;
    },
  });
  return {
    element,

    /** @param {Message} message The answer. */
    update(message) {
      shown = message;
      // Who reads an answer that this box did not just write is told so without asking.
      name.textContent = message.cached ? t("details.cached") : message.provider_name || label;
      setAttribute(element, "hidden", !hasFacts(message));
      fillOpen();
    },
  };
}

/**
 * @param {Message} message The answer.
 * @returns {boolean} Whether anything is known of how it was written.
 */
function hasFacts({ model, usage, timings, cached }) {
  return Boolean(model ?? usage ?? timings ?? cached);
}
