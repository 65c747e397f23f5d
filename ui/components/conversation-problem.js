/** Why a conversation cannot be shown, or that there is nothing in it. */

import { fill, h, setAttribute } from "../lib/elements.js";
import { wordsFor } from "../lib/problems.js";
import { t } from "../lib/texts.js";

/**
 * @typedef {object} ConversationState
 * @property {string | null} id Null before the first question.
 * @property {import("../lib/problems.js").Problem | null} problem Why it cannot be shown.
 * @property {boolean} isLoading Whether it is on its way.
 * @property {readonly unknown[]} messages What is in it.
 */

/** Returns the lines; hidden while all is well. */
export function createConversationProblem() {
  const element = h("div", { class: "chat-problem", hidden: true });
  return {
    element,

    /** @param {ConversationState} state Of the conversation. */
    update({ id, problem, isLoading, messages }) {
      const words = problem ? wordsFor(problem) : null;
      const isBare = !words && !isLoading && messages.length === 0 && id !== null;
      setAttribute(element, "hidden", !words && !isBare);
      const lines = words ? [words.what, words.hint] : [t("chat.empty")];
      fill(element, ...lines.filter(Boolean).map((line) => h("p", {}, line)));
    },
  };
}
