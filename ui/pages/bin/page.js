/** Deleted conversations, which can be brought back for 30 days. */

import { isAbort, problemIn } from "../../api/failures.js";
import { createNotice } from "../../components/notices.js";
import { button, fill, h, setAttribute } from "../../lib/elements.js";
import { dayAndTime } from "../../lib/formats.js";
import { t } from "../../lib/texts.js";

/**
 * @typedef {import("../../api/types.js").Conversation} Conversation
 * @typedef {import("../context.js").PageContext} PageContext
 * @typedef {import("../context.js").MountedPage} MountedPage
 */

/**
 * Shows the page.
 *
 * @param {HTMLElement} root Where.
 * @param {PageContext} context What it works with.
 * @returns {MountedPage} How to end it.
 */
export function mountBin(root, context) {
  const life = new AbortController();
  const list = h("ul", { class: "bin" });
  const empty = h("div", { class: "page-empty", hidden: true }, h("p", {}, t("bin.empty")), button(t("bin.back"), () => context.go("#/"), { kind: "quiet" }));
  const more = button(t("history.more"), () => void load(), { kind: "quiet" });
  const notice = createNotice();
  /** @type {string | null} */
  let cursor = null;
  const drawEnds = () => {
    setAttribute(more, "hidden", cursor === null);
    setAttribute(empty, "hidden", list.childElementCount > 0);
  };
  const load = async () => {
    await attempt(notice, async () => {
      const page = await context.chats.listDeleted({ cursor, signal: life.signal });
      cursor = page.next_cursor;
      list.append(...page.items.map((item) => createRow(item, restore)));
      drawEnds();
    });
  };
  const restore = async (/** @type {Conversation} */ { id, title }, /** @type {HTMLElement} */ row) => {
    const isBack = await context.history.restore(id, (problem) => notice.show(problem));
    if (!isBack) return;
    const next = (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("button");
    row.remove();
    drawEnds();
    (next ?? empty.querySelector("button"))?.focus();
    const open = () => context.go(`#/chat/${encodeURIComponent(id)}`);
    context.toasts.show(t("bin.restored", { title: title || t("chat.untitled") }), { label: t("bin.open"), act: open });
  };
  setAttribute(more, "hidden", true);
  const header = h("header", { class: "page-header" }, context.makeSidebarButton(), h("h1", { class: "title" }, t("nav.bin")));
  const content = h("div", { class: "page-content" }, h("p", { class: "page-lead" }, t("bin.lead")), notice.element, empty, list, more);
  fill(root, header, h("div", { class: "page" }, content));
  document.title = `${t("nav.bin")} – Nodo`;
  context.history.opened(null);
  void load();
  return { unmount: () => life.abort() };
}

/**
 * @param {Conversation} conversation What the row is about.
 * @param {(conversation: Conversation, row: HTMLElement) => Promise<void>} onRestore Brings it back.
 * @returns {HTMLElement} The row.
 */
function createRow(conversation, onRestore) {
  const title = conversation.title || t("chat.untitled");
  const words = h("span", { class: "bin-words" }, h("span", { class: "bin-title", dir: "auto" }, title), h("span", { class: "bin-when" }, t("bin.active", { when: dayAndTime(conversation.updated_at) })));
  const restore = button(t("bin.restore"), () => void onRestore(conversation, row), { symbol: "retry" });
  restore.setAttribute("aria-label", t("bin.restore_named", { title }));
  const row = h("li", { class: "bin-row" }, words, restore);
  return row;
}

/**
 * @param {ReturnType<typeof createNotice>} notice Says what went wrong.
 * @param {() => Promise<void>} act What to try.
 */
async function attempt(notice, act) {
  try {
    await act();
  } catch (error) {
    if (!isAbort(error)) notice.show(problemIn(error));
  }
}
