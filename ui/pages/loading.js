/** What is asked from the box, while one waits for it, and when it does not come. */

import { createRemark } from "../components/panel.js";
import { createWaitLine } from "../components/wait-line.js";
import { button, fill } from "../lib/elements.js";
import { t } from "../lib/texts.js";
import { wordsOf } from "./failing.js";

/**
 * Shows something once the box has told it; a failure stands in its place, with a way to try again.
 *
 * @template T
 * @param {HTMLElement} place Where.
 * @param {object} what What is shown.
 * @param {() => Promise<T>} what.load Asks the box.
 * @param {(found: T) => (Node | null)[]} what.draw Shows what it told.
 * @param {AbortSignal} what.signal Ends it: what comes later is not shown.
 * @returns {Promise<void>} When it is shown, or why not.
 */
export async function showLoaded(place, { load, draw, signal }) {
  const wait = createWaitLine();
  // What was there stays until the new is there: nothing jumps when a list is asked for again.
  if (!place.hasChildNodes()) {
    fill(place, wait.element);
    wait.start(t("load.waiting"));
  }
  place.setAttribute("aria-busy", "true");
  try {
    const found = await load();
    if (!signal.aborted) fill(place, ...draw(found));
  } catch (error) {
    const text = wordsOf(error);
    if (text === null || signal.aborted) return;
    const again = () => {
      fill(place);
      void showLoaded(place, { load, draw, signal });
    };
    fill(place, createRemark(text, "bad", button(t("problem.again"), again)));
  } finally {
    wait.stop();
    place.setAttribute("aria-busy", "false");
  }
}
