/** Lists that come in pages: the first one, and more of them below. */

import { createRemark } from "../../components/panel.js";
import { createWaitLine } from "../../components/wait-line.js";
import { button, fill, h } from "../../lib/elements.js";
import { t, tCount } from "../../lib/texts.js";
import { wordsOf } from "../failing.js";
import { keepRowFocus } from "../focusing.js";

/**
 * @template T
 * @typedef {object} ListLook
 * @property {(cursor: string | null) => Promise<import("../../api/types.js").Page<T>>} load Asks for a page.
 * @property {(rows: T[]) => Node} draw Shows all rows so far.
 * @property {() => string} empty What stands in an empty list.
 * @property {AbortSignal} signal Ends it.
 * @property {import("../../components/announcer.js").Announcer} announcer Tells screen readers how many there are.
 */

/**
 * Returns a list that can be asked for again, with another filter.
 *
 * @template T
 * @param {ListLook<T>} look What it shows.
 */
export function makeList({ load, draw, empty, signal, announcer }) {
  const element = h("div", { class: "loaded", "aria-busy": "false" });
  const wait = createWaitLine();
  /** @type {T[]} */
  let rows = [];
  let turn = 0;
  const show = async (/** @type {string | null} */ cursor) => {
    turn += 1;
    const mine = turn;
    element.setAttribute("aria-busy", "true");
    if (!element.hasChildNodes()) fill(element, wait.element);
    wait.start(t("load.waiting"));
    try {
      const page = await load(cursor);
      if (mine !== turn || signal.aborted) return;
      rows = cursor === null ? page.items : [...rows, ...page.items];
      drawPage(page.next_cursor, cursor !== null);
    } catch (error) {
      const text = wordsOf(error);
      if (mine === turn && text !== null) fill(element, createRemark(text, "bad", button(t("problem.again"), () => void show(null))));
    } finally {
      wait.stop();
      element.setAttribute("aria-busy", "false");
    }
  };
  const focus = keepRowFocus(element);
  const drawPage = (/** @type {string | null} */ next, /** @type {boolean} */ isFurther) => {
    if (rows.length === 0) {
      fill(element, h("p", { class: "empty" }, empty()));
      return;
    }
    const more = next !== null && button(t("history.more"), () => void show(next));
    fill(element, draw(rows), h("div", { class: "form-row" }, more, h("span", { class: "list-count" }, tCount("list.count", rows.length))));
    focus.giveBack();
    if (!isFurther) return;
    announcer.say(tCount("list.count", rows.length));
    // The button that was pressed is gone with the old list.
    (more || element.querySelector("tbody tr:last-child button, tbody tr:last-child a"))?.focus?.();
  };
  return { element, refresh: () => void show(null), giveFocusBack: focus.giveBack };
}
