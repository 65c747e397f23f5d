/** The sidebar: new chat, search, pages, history, the person. */

import { createBrand } from "../components/brand.js";
import { createHistoryList } from "../components/history-list.js";
import { button, h, icon, iconButton, on, setAttribute } from "../lib/elements.js";
import { wordsFor } from "../lib/problems.js";
import { t } from "../lib/texts.js";

const TYPING_PAUSE_MS = 250;

/**
 * @typedef {import("../pages/context.js").PageContext} PageContext
 * @typedef {import("../api/types.js").Conversation} Conversation
 */

/**
 * Returns the sidebar.
 *
 * @param {PageContext} context What it works with.
 * @param {{ userMenu: HTMLElement, onFold: () => void, onNew: () => void }} parts The person's menu, and what buttons do.
 * @param {AbortSignal} signal Ends it.
 */
export function createSidebar(context, { userMenu, onFold, onNew }, signal) {
  const { history } = context;
  const onEverywhere = (/** @type {string} */ query) => context.go(query ? `#/search?q=${encodeURIComponent(query)}` : "#/search");
  const search = createSearch((query) => void history.search(query), onEverywhere);
  const list = createHistoryList({
    onRename: (conversation, title) => void history.rename(conversation.id, title, (problem) => tell(context, problem)),
    onDelete: (conversation) => void remove(conversation, context),
    onMore: () => void history.loadOlder().catch(() => history.refresh()),
    onNew,
  });
  history.subscribe((state) => list.update(state, new Date()), signal);
  const models = h("a", { class: "nav-link", href: "#/models", "data-page": "models" }, icon("cube"), h("span", {}, t("nav.models")));
  const isAdmin = context.user.role === "admin";
  const admin = h("a", { class: "nav-link", href: "#/admin", "data-page": "admin" }, icon("people"), h("span", {}, t("nav.admin")));
  const bin = h("a", { class: "nav-link", href: "#/bin", "data-page": "bin" }, icon("trash"), h("span", {}, t("nav.bin")));
  const element = h(
    "nav",
    { class: "sidebar", "aria-label": t("nav.region") },
    h("div", { class: "sidebar-head" }, createBrand(), iconButton("sidebar", t("nav.fold"), onFold, "sidebar-fold")),
    h("div", { class: "sidebar-top" }, button(t("chat.new"), onNew, { symbol: "plus" }), search.element, models, isAdmin && admin),
    h("div", { class: "sidebar-list", tabindex: -1 }, list.element),
    h("div", { class: "sidebar-foot" }, bin, userMenu),
  );
  return {
    element,
    focusSearch: search.focus,

    /** @param {string} page The page that is shown. */
    showPage(page) {
      for (const link of [models, admin, bin]) setAttribute(link, "aria-current", link.dataset["page"] === page ? "page" : null);
    },
  };
}

/**
 * @param {(query: string) => void} onQuery Called when the typing pauses.
 * @param {(query: string) => void} onEverywhere Called with Enter: the messages are asked for, not only titles.
 * @returns {{ element: HTMLElement, focus: () => void }} The search field.
 */
function createSearch(onQuery, onEverywhere) {
  const field = h("input", { type: "search", class: "search-field", placeholder: t("history.search"), "aria-label": t("history.search_label"), autocomplete: "off" });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  on(field, {
    input: () => {
      clearTimeout(timer);
      timer = setTimeout(() => onQuery(field.value.trim()), TYPING_PAUSE_MS);
    },
    keydown: (event) => {
      if (event.key === "Enter" && !event.isComposing) onEverywhere(field.value.trim());
      if (event.key !== "Escape" || !field.value) return;
      event.stopPropagation();
      field.value = "";
      onQuery("");
    },
  });
  const element = h("div", { class: "search", role: "search" }, icon("search"), field);
  return {
    element,
    focus: () => {
      field.focus();
      field.select();
    },
  };
}

/**
 * Deletes a conversation and offers to bring it back.
 *
 * @param {Conversation} conversation Which.
 * @param {PageContext} context What it works with.
 */
export async function remove(conversation, context) {
  const { history, toasts, go } = context;
  const wasOpen = history.state.openId === conversation.id;
  const isGone = await history.remove(conversation.id, (problem) => tell(context, problem));
  if (!isGone) return;
  if (wasOpen) go("#/");
  const restore = async () => {
    const isBack = await history.restore(conversation.id, (problem) => tell(context, problem));
    if (isBack && wasOpen) go(`#/chat/${encodeURIComponent(conversation.id)}`);
  };
  toasts.show(t("history.deleted", { title: conversation.title || t("chat.untitled") }), { label: t("history.undo"), act: () => void restore() });
}

/**
 * @param {PageContext} context What it works with.
 * @param {import("../api/types.js").Problem} problem What happened.
 */
function tell({ toasts }, problem) {
  const words = wordsFor(problem);
  toasts.show(`${words.what} ${words.hint}`.trim());
}
