/** The conversations in the sidebar. */

import { button, fill, h, iconButton, on, setAttribute } from "../lib/elements.js";
import { groupedByDay } from "../lib/days.js";
import { monthName } from "../lib/formats.js";
import { t } from "../lib/texts.js";
import { createInlineEditor } from "./editable-title.js";

/**
 * @typedef {import("../api/types.js").Conversation} Conversation
 * @typedef {import("../api/history.js").HistoryState} HistoryState
 * @typedef {object} HistoryActions
 * @property {(conversation: Conversation, title: string) => void} onRename Called with a new title.
 * @property {(conversation: Conversation) => void} onDelete Asked to delete.
 * @property {() => void} onMore Asked for older ones.
 * @property {() => void} onNew Asked for a new chat.
 */

/**
 * Returns the list.
 *
 * @param {HistoryActions} actions What its buttons do.
 */
export function createHistoryList(actions) {
  const element = h("div", { class: "history" });
  let drawnKey = "";
  const draw = (/** @type {HistoryState} */ state, /** @type {Date} */ now) => {
    const focused = focusOf(element);
    fill(element, ...groupNodes(state, now, actions));
    focused?.();
  };
  return {
    element,

    /**
     * @param {HistoryState} state What to show.
     * @param {Date} now The present, for the groups.
     */
    update(state, now) {
      const { items, nextCursor, query, isLoaded, unread, openId } = state;
      const key = JSON.stringify([items, nextCursor, query, isLoaded, [...unread], openId, now.toDateString()]);
      // A title that is being edited is not taken away from under the hands.
      if (key === drawnKey || element.querySelector("input")) return;
      drawnKey = key;
      draw(state, now);
    },
  };
}

/**
 * @param {HTMLElement} element The list.
 * @returns {(() => void) | null} Gives the focus back to the same control after a drawing.
 */
function focusOf(element) {
  const active = document.activeElement;
  const row = active instanceof HTMLElement && element.contains(active) ? active.closest("[data-id]") : null;
  if (!(row instanceof HTMLElement) || !active) return null;
  const [id, at] = [row.dataset["id"], [...row.querySelectorAll("a, button")].indexOf(active)];
  return () => {
    const again = [...element.querySelectorAll("[data-id]")].find((item) => item instanceof HTMLElement && item.dataset["id"] === id);
    const control = again?.querySelectorAll("a, button")[at];
    if (control instanceof HTMLElement) control.focus();
  };
}

/**
 * @param {HistoryState} state What to show.
 * @param {Date} now The present.
 * @param {HistoryActions} actions What the buttons do.
 * @returns {Node[]} The content of the list.
 */
function groupNodes(state, now, actions) {
  if (!state.isLoaded) return [];
  if (state.items.length === 0) return [emptyNode(state.query, actions)];
  const groups = groupsOf(state.items, now).map((group) => {
    const heading = h("h2", { class: "history-heading" }, headingOf(group));
    const rows = group.items.map((item) => createRow(item, state, actions));
    return h("section", { class: "history-group" }, heading, h("ul", { class: "history-rows" }, ...rows));
  });
  return state.nextCursor ? [...groups, button(t("history.more"), actions.onMore, { kind: "quiet" })] : groups;
}

/**
 * @param {readonly Conversation[]} items All of them.
 * @param {Date} now The present.
 * @returns {{ kind: string, month: Date | null, items: Conversation[] }[]} What is pinned first, then day by day.
 */
function groupsOf(items, now) {
  const pinned = items.filter((item) => item.pinned);
  const others = items.filter((item) => !item.pinned);
  const days = groupedByDay(others, ({ updated_at }) => updated_at, now);
  return pinned.length > 0 ? [{ kind: "pinned", month: null, items: pinned }, ...days] : days;
}

/**
 * @param {string} query What was searched for.
 * @param {HistoryActions} actions What the button does.
 * @returns {Node} What stands in an empty list.
 */
function emptyNode(query, actions) {
  if (query) return h("p", { class: "history-empty" }, t("history.nothing_found", { query }));
  const action = button(t("history.first"), actions.onNew, { kind: "quiet" });
  return h("div", { class: "history-empty" }, h("p", {}, t("history.empty")), action);
}

/**
 * @param {{ kind: string, month: Date | null }} group A group.
 * @returns {string} Its heading.
 */
function headingOf({ kind, month }) {
  if (month) return monthName(month);
  if (kind === "pinned") return t("history.pinned");
  if (kind === "today") return t("history.today");
  if (kind === "yesterday") return t("history.yesterday");
  return kind === "week" ? t("history.week") : t("history.thirty");
}

/**
 * @param {Conversation} conversation What the row is about.
 * @param {HistoryState} state What is unread and open.
 * @param {HistoryActions} actions What the buttons do.
 * @returns {HTMLLIElement} The row.
 */
function createRow(conversation, state, actions) {
  const isOpen = conversation.id === state.openId;
  const title = conversation.title || t("chat.untitled");
  const name = h("span", { class: "history-title", dir: "auto" }, title);
  const link = h("a", { class: "history-link", href: `#/chat/${encodeURIComponent(conversation.id)}`, title, "aria-current": isOpen ? "page" : null }, name, markOf(conversation, state));
  const row = h("li", { class: "history-row", "data-id": conversation.id });
  const edit = () => {
    const onEnd = (/** @type {string | null} */ changed) => {
      row.replaceChildren(...parts);
      link.focus();
      if (changed === null) return;
      name.textContent = changed;
      actions.onRename(conversation, changed);
    };
    const input = createInlineEditor({ value: conversation.title, label: t("title.rename"), onEnd });
    fill(row, input);
    input.select();
  };
  const rename = iconButton("pencil", t("history.rename", { title }), edit, "history-action");
  const remove = iconButton("trash", t("history.delete", { title }), () => actions.onDelete(conversation), "history-action");
  const parts = [link, h("span", { class: "history-actions" }, rename, remove)];
  row.append(...parts);
  return on(row, {
    keydown: (event) => {
      if (event.key === "F2") edit();
    },
  });
}

/**
 * @param {Conversation} conversation What the row is about.
 * @param {HistoryState} state What is unread.
 * @returns {HTMLElement | null} A sign that it is being answered, or was.
 */
function markOf({ id, writing }, { unread }) {
  if (!writing && !unread.has(id)) return null;
  const words = writing ? t("history.writing") : t("history.unread");
  const mark = h("span", { class: writing ? "history-spinner" : "history-dot", "aria-hidden": "true" });
  const element = h("span", { class: "history-mark", title: words }, mark, h("span", { class: "visually-hidden" }, `, ${words}`));
  setAttribute(element, "data-kind", writing ? "writing" : "unread");
  return element;
}

