/** The messages of a conversation, drawn from its state; what is drawn already stays. */

import { button, h, setAttribute } from "../../lib/elements.js";
import { pathOf } from "../../lib/branches.js";
import { t } from "../../lib/texts.js";
import { makeItem } from "./thread-items.js";
import { PENDING_ANSWER, PENDING_QUESTION } from "./transcript.js";

/**
 * @typedef {import("../../api/types.js").Message} Message
 * @typedef {import("./conversing.js").ConversingState} ConversingState
 * @typedef {import("../../lib/branches.js").Step<Message>} Step
 * @typedef {ReturnType<typeof makeItem>} Item
 *
 * @typedef {object} ThreadActions
 * @property {() => void} onOlder Asked for older messages.
 * @property {(message: Message, text: string) => void} onResend Asked to send another version of a question.
 * @property {(message: Message) => void} onRetry Asked for another answer.
 * @property {(message: Message) => void} onContinue Asked to go on where an answer was cut.
 * @property {(message: Message, rating: import("../../api/types.js").Rating | null) => void} onRate Told what somebody thinks of an answer.
 * @property {(file: import("../../api/types.js").AttachedFile) => void} onDownload Asked for a file of a question.
 * @property {(messageId: string) => void} onVersion Asked to show another version.
 */

// They are there at once, and stay: what is asked next has to do with them.
const NEWEST = 4;
const FENCE = /^[> \t]*(?:```|~~~)/mu;

/**
 * Returns the messages' box.
 *
 * @param {ThreadActions} actions What its buttons do.
 * @param {{ showsTokens: boolean }} look How answers tell their details.
 * @param {import("./near-window.js").NearWindow} near Draws what the reader comes near to.
 */
export function createThread(actions, look, near) {
  const older = button(t("chat.older"), actions.onOlder, { kind: "quiet" });
  const list = h("div", { class: "thread-list", role: "log", "aria-live": "off", "aria-label": t("chat.messages") });
  const element = h("div", { class: "thread" }, h("div", { class: "thread-older" }, older), list);
  const divider = h("p", { class: "thread-divider" }, h("span", {}, t("chat.not_read")));
  /** @type {Map<string, Item>} */
  const items = new Map();
  const itemOf = (/** @type {Message} */ message, /** @type {number} */ columnPx) => {
    const known = items.get(message.id);
    if (known) return known;
    const item = makeItem(message, actions, look, columnPx);
    items.set(message.id, item);
    near.add(item);
    return item;
  };
  /** @type {Step[]} */
  let path = [];
  const shown = (/** @type {string | undefined} */ messageId) => {
    const item = items.get(messageId ?? "");
    if (item) near.show(item);
    return item?.element.querySelector("article") ?? null;
  };
  const lastWhere = (/** @type {(message: Message) => boolean} */ isMeant) => shown(path.findLast(({ message }) => isMeant(message))?.message.id);
  const lastQuestion = () => lastWhere(({ role }) => role === "user");
  return {
    element,

    /**
     * @param {ConversingState} state What to show.
     * @param {number} nowMs The present.
     */
    update(state, nowMs) {
      renamePending(items, state);
      path = pathOf(state.messages, state.chosen);
      setAttribute(older, "hidden", state.olderCursor === null);
      element.dataset["busy"] = String(state.live !== null);
      const elapsedS = state.live ? (nowMs - state.live.sinceMs) / 1000 : 0;
      const readFrom = readFromOf(path);
      const columnPx = list.clientWidth;
      const elements = path.flatMap((step, at) => {
        const item = itemOf(step.message, columnPx);
        item.update(step, { state, elapsedS, isLast: at === path.length - 1 });
        item.isKept = at >= path.length - NEWEST;
        if (item.isKept && !item.isDrawn) near.show(item);
        return step.message.id === readFrom ? [divider, item.element] : [item.element];
      });
      place(list, elements);
      const onPath = new Set(path.map(({ message }) => message.id));
      for (const [id, item] of items) {
        if (onPath.has(id)) continue;
        near.remove(item);
        items.delete(id);
      }
    },

    /** @returns {HTMLElement | null} The newest question on the page. */
    lastQuestion,

    older,

    /**
     * @param {string} messageId Which message.
     * @returns {HTMLElement | null} It, drawn, if it is on the page.
     */
    find: (messageId) => shown(messageId),

    /** @returns {string} The newest block of code on the page; empty if there is none. */
    lastCode: () => [...(lastWhere(({ content }) => FENCE.test(content))?.querySelectorAll(".code-text") ?? [])].at(-1)?.textContent ?? "",

    /** Opens the newest question for editing. */
    editLast: () => {
      const edit = lastQuestion()?.querySelector("[data-ref=edit]");
      if (edit instanceof HTMLElement) edit.click();
    },
  };
}

/**
 * @param {Step[]} path What is shown.
 * @returns {string | null} The first message that the model read for the newest answer; null if it read all.
 */
function readFromOf(path) {
  return path.findLast(({ message }) => message.role === "assistant" && (message.read_from || message.state !== "queued"))?.message.read_from ?? null;
}

/**
 * @param {Map<string, Item>} items By message; those of pending messages get the names that the box gave.
 * @param {ConversingState} state Knows the names.
 */
function renamePending(items, { live, messages }) {
  if (!live || live.messageId === PENDING_ANSWER) return;
  const answer = messages.find(({ id }) => id === live.messageId);
  /** @type {[string, string | null | undefined][]} */
  const names = [[PENDING_ANSWER, answer?.id], [PENDING_QUESTION, answer?.parent_id]];
  for (const [pending, id] of names) {
    const item = items.get(pending);
    if (!item || !id) continue;
    items.delete(pending);
    items.set(id, item);
  }
}

/**
 * @param {HTMLElement} list The box.
 * @param {HTMLElement[]} elements What it is to hold, in order; what stands right is not touched.
 */
function place(list, elements) {
  const wanted = new Set(/** @type {Element[]} */ (elements));
  for (const child of [...list.children]) if (!wanted.has(child)) child.remove();
  elements.forEach((element, at) => {
    if (list.children[at] !== element) list.insertBefore(element, list.children[at] ?? null);
  });
}
