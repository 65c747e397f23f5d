/** The messages of a conversation, drawn from its state; what is drawn already stays. */

import { createAnswer } from "../../components/answer.js";
import { createQuestionEditor } from "../../components/question-editor.js";
import { createQuestion } from "../../components/question.js";
import { button, h, setAttribute } from "../../lib/elements.js";
import { pathOf } from "../../lib/branches.js";
import { makeMemo } from "../../lib/memo.js";
import { t, tCount } from "../../lib/texts.js";
import { PENDING_ANSWER, PENDING_QUESTION } from "./transcript.js";

/**
 * @typedef {import("../../api/types.js").Message} Message
 * @typedef {import("./conversing.js").ConversingState} ConversingState
 * @typedef {import("../../lib/branches.js").Step<Message>} Step
 * @typedef {{ element: HTMLElement, draw: (step: Step, scene: Scene) => void }} View
 * @typedef {{ state: ConversingState, elapsedS: number, isLast: boolean }} Scene
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

/**
 * Returns the messages' box.
 *
 * @param {ThreadActions} actions What its buttons do.
 * @param {{ showsTokens: boolean }} look How answers tell their details.
 */
export function createThread(actions, look) {
  const older = button(t("chat.older"), actions.onOlder, { kind: "quiet" });
  const list = h("div", { class: "thread-list", role: "log", "aria-live": "off", "aria-label": t("chat.messages") });
  const element = h("div", { class: "thread" }, h("div", { class: "thread-older" }, older), list);
  const divider = h("p", { class: "thread-divider" }, h("span", {}, t("chat.not_read")));
  /** @type {Map<string, View>} */
  const views = new Map();
  const viewOf = (/** @type {Message} */ message) => {
    const known = views.get(message.id);
    if (known) return known;
    const view = message.role === "user" ? makeQuestion(actions) : makeAnswer(actions, look);
    views.set(message.id, view);
    return view;
  };
  return {
    element,

    /**
     * @param {ConversingState} state What to show.
     * @param {number} nowMs The present.
     */
    update(state, nowMs) {
      renamePending(views, state);
      const path = pathOf(state.messages, state.chosen);
      setAttribute(older, "hidden", state.olderCursor === null);
      element.dataset["busy"] = String(state.live !== null);
      const elapsedS = state.live ? (nowMs - state.live.sinceMs) / 1000 : 0;
      const readFrom = readFromOf(path);
      const elements = path.flatMap((step, at) => {
        const view = viewOf(step.message);
        view.draw(step, { state, elapsedS, isLast: at === path.length - 1 });
        return step.message.id === readFrom ? [divider, view.element] : [view.element];
      });
      place(list, elements);
      const shown = new Set(path.map(({ message }) => message.id));
      for (const id of views.keys()) if (!shown.has(id)) views.delete(id);
    },

    /** @returns {HTMLElement | null} The newest question on the page. */
    lastQuestion: () => [...list.querySelectorAll("article.question")].filter((node) => node instanceof HTMLElement).at(-1) ?? null,

    older,

    /**
     * @param {string} messageId Which message.
     * @returns {HTMLElement | null} It, if it is on the page.
     */
    find: (messageId) => [...list.querySelectorAll("article")].find(({ dataset }) => dataset["id"] === messageId) ?? null,

    /** @returns {string} The newest block of code on the page; empty if there is none. */
    lastCode: () => [...list.querySelectorAll(".code-text")].at(-1)?.textContent ?? "",

    /** Opens the newest question for editing. */
    editLast: () => {
      const edits = list.querySelectorAll("[data-ref=edit]");
      const last = edits[edits.length - 1];
      if (last instanceof HTMLElement) last.click();
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
 * @param {Map<string, View>} views By message; those of pending messages get the names that the box gave.
 * @param {ConversingState} state Knows the names.
 */
function renamePending(views, { live, messages }) {
  if (!live || live.messageId === PENDING_ANSWER) return;
  const answer = messages.find(({ id }) => id === live.messageId);
  /** @type {[string, string | null | undefined][]} */
  const names = [[PENDING_ANSWER, answer?.id], [PENDING_QUESTION, answer?.parent_id]];
  for (const [pending, id] of names) {
    const view = views.get(pending);
    if (!view || !id) continue;
    views.delete(pending);
    views.set(id, view);
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

/**
 * @param {ThreadActions} actions What its buttons do.
 * @returns {View} A question; while it is edited, its editor.
 */
function makeQuestion(actions) {
  const element = h("div", { class: "thread-item" });
  const finish = () => {
    element.replaceChildren(question.element);
    const edit = question.element.querySelector("[data-ref=edit]");
    if (edit instanceof HTMLElement) edit.focus();
  };
  const question = createQuestion({
    onVersion: actions.onVersion,
    onDownload: actions.onDownload,
    onEdit: (message) => {
      const onSend = (/** @type {string} */ text) => {
        finish();
        actions.onResend(message, text);
      };
      const editor = createQuestionEditor({ text: message.content, onSend, onCancel: finish });
      element.replaceChildren(editor.element);
      editor.focus();
    },
  });
  element.append(question.element);
  const memo = makeMemo();
  const draw = (/** @type {Step} */ step) => {
    memo([step.message, step.index, step.versions.length], () => question.update(step));
  };
  return { element, draw };
}

/**
 * @param {ThreadActions} actions What its buttons do.
 * @param {{ showsTokens: boolean }} look How it tells its details.
 * @returns {View} An answer, with a line above it where older messages were left out.
 */
function makeAnswer(actions, look) {
  const answer = createAnswer(actions, look);
  const note = h("p", { class: "thread-dropped", hidden: true });
  const element = h("div", { class: "thread-item" }, note, answer.element);
  const memo = makeMemo();
  return {
    element,
    draw: (step, { state, elapsedS, isLast }) => {
      const { live } = state;
      const isLive = live?.messageId === step.message.id;
      // Once the box says from where the model read, the line across the messages tells it.
      const dropped = step.message.read_from ? 0 : (state.dropped.get(step.message.id) ?? 0);
      setAttribute(note, "hidden", dropped === 0);
      note.textContent = dropped ? tCount("chat.dropped", dropped) : "";
      const stage = isLive ? live.stage : null;
      const seconds = isLive ? Math.floor(elapsedS) : 0;
      const facts = [step.message, step.index, step.versions.length, isLive, stage, seconds, isLast];
      memo(facts, () => answer.update({ ...step, isLive, stage, elapsedS, canContinue: isLast }));
    },
  };
}
