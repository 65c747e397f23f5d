/** Watches the models on their way for as long as any is, and tells when one has arrived. */

import { isAbort } from "../../api/failures.js";
import { fill, h } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { createDownloads, isUnderway } from "./downloads.js";

/**
 * @typedef {import("../../api/model-keeping.js").Download} Download
 * @typedef {import("../../api/model-keeping.js").ModelKeeping} ModelKeeping
 */

const LOOK_MS = 1000;

/**
 * Returns the section, and how to look again.
 *
 * @param {ModelKeeping} keeping Asks the box.
 * @param {import("./acts.js").Acts} acts What can be done with downloads.
 * @param {object} more What else is needed.
 * @param {import("../../components/toasts.js").Toasts} more.toasts Tells of arrivals.
 * @param {() => void} more.onArrived Called when a model has arrived, or failed to.
 * @param {AbortSignal} more.signal Ends it.
 */
export function makeComing(keeping, acts, { toasts, onArrived, signal }) {
  const element = h("section", { class: "models-section models-coming" });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Set<string>} */
  let underway = new Set();
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });

  const draw = (/** @type {Download[]} */ items) => {
    const focused = document.activeElement?.closest("[data-download]")?.getAttribute("data-download");
    fill(element, ...createDownloads(items, { onStop: (one) => void acts.stop(one), onGoOn: (one) => void acts.goOn(one), onDiscard: (one) => void acts.discard(one) }));
    // What is drawn anew every second must not lose the place of somebody who uses the keyboard.
    const again = [...element.querySelectorAll("[data-download]")].find((row) => row.getAttribute("data-download") === focused);
    if (focused) again?.querySelector("button")?.focus();
  };

  const look = async () => {
    const { items } = await keeping.downloads();
    draw(items);
    const now = new Set(items.filter(isUnderway).map(({ id }) => id));
    const ended = items.filter(({ id }) => underway.has(id) && !now.has(id));
    underway = now;
    for (const { state, title } of ended) if (state === "done") toasts.show(t("models.download_done", { name: title }));
    clearTimeout(timer);
    if (now.size > 0 && !signal.aborted) timer = setTimeout(() => void lookAgain(), LOOK_MS);
    return { items, hasEnded: ended.length > 0 };
  };

  const lookAgain = async () => {
    try {
      if ((await look()).hasEnded) onArrived();
    } catch (error) {
      // The box may be away for a moment: its downloads go on without this page.
      if (!isAbort(error) && !signal.aborted) timer = setTimeout(() => void lookAgain(), LOOK_MS);
    }
  };

  return {
    element,

    /** @returns {Promise<Set<string>>} The names of the models that are on their way. */
    async refresh() {
      const { items } = await look();
      return new Set(items.filter(isUnderway).map(({ name }) => name));
    },
  };
}
