/** Which of several versions of a message is shown: ‹ 1/2 ›. */

import { h, iconButton, setAttribute } from "../lib/elements.js";
import { t } from "../lib/texts.js";

/**
 * Returns the switch; hidden while there is only one version.
 *
 * @param {(messageId: string) => void} onVersion Asked to show another one.
 */
export function createVersions(onVersion) {
  /** @type {{ versions: string[], index: number }} */
  let state = { versions: [], index: 0 };
  const go = (/** @type {number} */ step) => {
    const id = state.versions[state.index + step];
    if (id) onVersion(id);
  };
  const before = iconButton("left", t("versions.before"), () => go(-1), "versions-button");
  const after = iconButton("right", t("versions.after"), () => go(1), "versions-button");
  const words = h("span", { class: "versions-words" });
  const element = h("span", { class: "versions", role: "group", "aria-label": t("versions.name"), hidden: true }, before, words, after);
  return {
    element,

    /**
     * @param {string[]} versions Ids, oldest first.
     * @param {number} index Which one is shown.
     */
    update(versions, index) {
      state = { versions, index };
      setAttribute(element, "hidden", versions.length < 2);
      words.textContent = `${index + 1}/${versions.length}`;
      setAttribute(before, "aria-disabled", index === 0 ? "true" : null);
      setAttribute(after, "aria-disabled", index === versions.length - 1 ? "true" : null);
    },
  };
}
