/** What can be done with the open conversation, beside writing: for its menu and for the list of commands. */

import { isAbort, problemIn } from "../../api/failures.js";
import { pathOf } from "../../lib/branches.js";
import { copyText } from "../../lib/clipboard.js";
import { saveResponse } from "../../lib/saving.js";
import { partsOf } from "../../lib/thinking.js";
import { t } from "../../lib/texts.js";

/**
 * @typedef {import("../context.js").Command} Command
 * @typedef {import("../context.js").PageContext} PageContext
 *
 * @typedef {object} Open What is open now.
 * @property {string | null} id The conversation; null before the first question.
 * @property {boolean} isPinned Whether it stands above the others.
 * @property {boolean} isTemporary Whether it will not be kept.
 * @property {string} lastAnswer Text of the newest answer; empty if there is none.
 * @property {string} lastCode The newest block of code; empty if there is none.
 *
 * @typedef {object} CommandNeeds
 * @property {PageContext} context What the page works with.
 * @property {() => Open} open What is open now.
 * @property {() => void} onOptions Asked for the options of answers.
 * @property {(isWanted: boolean) => void} onTemporary Asked for a chat that is not kept.
 * @property {() => void} onDelete Asked to delete the conversation.
 * @property {(problem: import("../../api/types.js").Problem) => void} onProblem Called if something failed.
 */

/**
 * Returns what is open.
 *
 * @param {import("./conversing.js").ConversingState} state Of the conversation.
 * @param {readonly import("../../api/types.js").Conversation[]} items The list of conversations.
 * @returns {Pick<Open, "id" | "isPinned" | "lastAnswer">} What both know.
 */
export function openIn({ id, messages, chosen }, items) {
  const isPinned = items.find((item) => item.id === id)?.pinned ?? false;
  const last = pathOf(messages, chosen).findLast(({ message }) => message.role === "assistant")?.message;
  return { id, isPinned, lastAnswer: partsOf(last?.content ?? "").text };
}

/**
 * Returns what can be done from the conversation's menu.
 *
 * @param {CommandNeeds} needs What it works with.
 * @returns {Command[]} In order.
 */
export function menuCommands(needs) {
  const { id, isPinned, isTemporary } = needs.open();
  /** @type {Command} */
  const options = { label: t("options.title"), symbol: "sliders", act: needs.onOptions };
  if (id === null) {
    const label = isTemporary ? t("chat.keep") : t("chat.temporary");
    return [{ label, symbol: "clock", act: () => needs.onTemporary(!isTemporary) }, options];
  }
  const pin = () => attempt(needs, async () => {
    await needs.context.chats.pin(id, !isPinned);
    await needs.context.history.refresh();
  });
  return [
    { label: isPinned ? t("chat.unpin") : t("chat.pin"), symbol: "pin", act: pin },
    options,
    { label: t("chat.export_md"), symbol: "download", act: () => save(needs, id, "md") },
    { label: t("chat.export_json"), symbol: "download", act: () => save(needs, id, "json") },
    { label: t("chat.print"), symbol: "print", act: () => print() },
    { label: t("chat.delete"), symbol: "trash", act: needs.onDelete },
  ];
}

/**
 * Returns all that can be done with the conversation.
 *
 * @param {CommandNeeds} needs What it works with.
 * @returns {Command[]} In order.
 */
export function allCommands(needs) {
  const { lastAnswer, lastCode } = needs.open();
  /** @type {Command[]} */
  const copies = [];
  if (lastAnswer) copies.push({ label: t("palette.copy_answer"), symbol: "copy", act: () => copy(needs, lastAnswer) });
  if (lastCode) copies.push({ label: t("palette.copy_code"), symbol: "copy", act: () => copy(needs, lastCode) });
  return [...copies, ...menuCommands(needs)];
}

/**
 * @param {CommandNeeds} needs What it works with.
 * @param {string} text What to copy.
 */
function copy({ context }, text) {
  void copyText(text).then((isDone) => context.toasts.show(isDone ? t("copy.done") : t("copy.failed")));
}

/**
 * @param {CommandNeeds} needs What it works with.
 * @param {string} id Which conversation.
 * @param {"md" | "json"} format In which form.
 */
function save(needs, id, format) {
  attempt(needs, async () => saveResponse(await needs.context.chats.exported(id, format), `nodo-${id}.${format}`));
}

/**
 * @param {CommandNeeds} needs Whom to tell if it fails.
 * @param {() => Promise<unknown>} act What to try.
 */
function attempt({ onProblem }, act) {
  act().catch((error) => {
    if (!isAbort(error)) onProblem(problemIn(error));
  });
}
