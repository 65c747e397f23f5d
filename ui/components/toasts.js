/** Short notices at the bottom, with at most one action. */

import { button, h, on } from "../lib/elements.js";
import { makeReachable } from "../lib/reach.js";
import { t } from "../lib/texts.js";

const SHOWN_MS = 10_000;

/** @typedef {ReturnType<typeof createToasts>} Toasts */

/**
 * Returns the place where notices appear.
 *
 * @param {(text: string) => void} say Reads a text out.
 */
export function createToasts(say) {
  const element = h("section", { class: "toasts", "aria-label": t("toast.region") });
  const reach = makeReachable(element);
  return {
    element,

    /**
     * @param {string} text What happened.
     * @param {{ label: string, act: () => void }} [action] What can be done about it.
     */
    show(text, action) {
      const toast = h("div", { class: "toast" }, h("span", { class: "toast-text" }, text));
      const timer = makeTimer(() => toast.remove());
      if (action) {
        const act = () => {
          toast.remove();
          action.act();
        };
        toast.append(button(action.label, act, { kind: "quiet" }));
      }
      on(toast, { pointerenter: timer.stop, focusin: timer.stop, pointerleave: timer.start, focusout: timer.start });
      element.append(toast);
      reach();
      timer.start();
      say(action ? `${text} ${action.label}` : text);
    },
  };
}

/**
 * @param {() => void} end What happens when the time is over.
 */
function makeTimer(end) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const stop = () => clearTimeout(timer);
  return {
    stop,
    start() {
      stop();
      timer = setTimeout(end, SHOWN_MS);
    },
  };
}
