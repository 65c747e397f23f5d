/** A line that says what one waits for, once the wait is long enough to be noticed. */

import { fill, h, setAttribute } from "../lib/elements.js";
import { duration } from "../lib/formats.js";

const SHOWN_AFTER_MS = 1000;
const COUNTED_FROM_S = 3;

/** Returns the line; hidden until it has something to say. */
export function createWaitLine() {
  const words = h("span", { role: "status" });
  // Seconds are for the eye: read out every second they would drown everything else.
  const seconds = h("span", { class: "wait-seconds", "aria-hidden": "true" });
  const element = h("p", { class: "wait", hidden: true }, h("span", { class: "banner-spinner", "aria-hidden": "true" }), words, seconds);
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  const stop = () => {
    clearInterval(timer);
    setAttribute(element, "hidden", true);
    fill(words);
    fill(seconds);
  };
  return {
    element,
    stop,

    /** @param {string} text What one waits for. */
    start(text) {
      stop();
      let waitedS = 0;
      timer = setInterval(() => {
        waitedS += 1;
        setAttribute(element, "hidden", false);
        if (!words.textContent) words.textContent = text;
        if (waitedS >= COUNTED_FROM_S) seconds.textContent = `· ${duration(waitedS)}`;
        // Whoever has taken the line out of the page does not look at it any more.
        if (!element.isConnected) stop();
      }, SHOWN_AFTER_MS);
    },
  };
}
