/** What screen readers are told, apart from the text that grows. */

import { h } from "../lib/elements.js";
import { makeReachable } from "../lib/reach.js";

// Screen readers first have to notice that the line is somewhere else.
const MOVING_MS = 100;
const STAGES_APART_MS = 10_000;

/** @typedef {ReturnType<typeof createAnnouncer>} Announcer */

/** Returns a hidden status line. */
export function createAnnouncer() {
  const element = h("div", { class: "visually-hidden", role: "status", "aria-live": "polite", "data-ref": "announcer" });
  let lastStageMs = -STAGES_APART_MS;
  const reach = makeReachable(element);
  const tell = (/** @type {string} */ text) => {
    element.textContent = text;
  };
  return {
    element,

    /** @param {string} text What is read out. */
    say(text) {
      if (reach()) setTimeout(tell, MOVING_MS, text);
      else tell(text);
    },

    /** @param {string} text What an answer is doing; read out at most every ten seconds. */
    sayStage(text) {
      const nowMs = performance.now();
      if (nowMs - lastStageMs < STAGES_APART_MS) return;
      lastStageMs = nowMs;
      tell(text);
    },
  };
}
