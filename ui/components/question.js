/** What somebody asked: a bubble on the right. */

import { fill, h, icon, on, setAttribute } from "../lib/elements.js";
import { dayAndTime, timeOfDay } from "../lib/formats.js";
import { t } from "../lib/texts.js";
import { createCopyButton } from "./copy-button.js";
import { createMessageFiles } from "./message-files.js";
import { createVersions } from "./versions.js";

/**
 * @typedef {import("../api/types.js").Message} Message
 * @typedef {{ message: Message, versions: string[], index: number }} QuestionState
 * @typedef {object} QuestionActions
 * @property {(message: Message) => void} onEdit Asked to write another version.
 * @property {(messageId: string) => void} onVersion Asked to show another version.
 * @property {(file: import("../api/types.js").AttachedFile) => void} onDownload Asked for a file of it.
 */

/**
 * Returns a question.
 *
 * @param {QuestionActions} actions What its buttons do.
 */
export function createQuestion({ onEdit, onVersion, onDownload }) {
  /** @type {QuestionState | null} */
  let state = null;
  const text = h("div", { class: "question-text" });
  const versions = createVersions(onVersion);
  const editLabel = t("question.edit");
  const edit = h("button", { type: "button", class: "row-action row-ask", title: editLabel, "data-ref": "edit" }, icon("pencil"), h("span", {}, editLabel));
  on(edit, { click: () => state && onEdit(state.message) });
  const copy = createCopyButton({ label: t("message.copy"), textOf: () => state?.message.content ?? "" });
  const time = h("time", { class: "row-time" });
  const row = h("div", { class: "message-row question-row" }, time, versions.element, edit, copy);
  const files = createMessageFiles(onDownload);
  const element = h("article", { class: "question" }, files.element, text, row);
  return {
    element,

    /**
     * @param {QuestionState} next What to show.
     */
    update(next) {
      const { message } = next;
      state = next;
      element.dataset["id"] = message.id;
      files.update(message.files ?? []);
      if (text.textContent !== message.content) fill(text, message.content);
      element.setAttribute("aria-label", nameOfQuestion(message));
      fill(time, timeOfDay(message.created_at));
      setAttribute(time, "datetime", message.created_at);
      setAttribute(time, "title", dayAndTime(message.created_at));
      versions.update(next.versions, next.index);
    },
  };
}

/**
 * Returns what a question is called.
 *
 * @param {Message} message The question.
 */
export function nameOfQuestion({ created_at: at }) {
  return t("message.yours", { time: timeOfDay(at) });
}
