/** Searching in everything that one has asked and been answered. */

import { isAbort, problemIn } from "../../api/failures.js";
import { createHit } from "../../components/hit.js";
import { createNotice } from "../../components/notices.js";
import { button, fill, h, icon, on, setAttribute } from "../../lib/elements.js";
import { t, tCount } from "../../lib/texts.js";

/**
 * @typedef {import("../context.js").PageContext} PageContext
 * @typedef {import("../context.js").MountedPage} MountedPage
 */

const TYPING_PAUSE_MS = 300;

/**
 * Shows the page.
 *
 * @param {HTMLElement} root Where.
 * @param {PageContext} context What it works with.
 * @param {import("../context.js").Route} route Its query says what to look for.
 * @returns {MountedPage} How to end it.
 */
export function mountSearch(root, context, route) {
  const life = new AbortController();
  const { signal } = life;
  const field = h("input", { type: "search", class: "search-field", "aria-label": t("search.label"), placeholder: t("search.label"), autocomplete: "off", value: route.query["q"] ?? "" });
  const results = createResults(context, signal);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const search = () => {
    clearTimeout(timer);
    const query = field.value.trim();
    context.go(query ? `#/search?q=${encodeURIComponent(query)}` : "#/search", { isReplacing: true });
    void results.show(query);
  };
  const form = h("form", { class: "search search-page-form", role: "search" }, icon("search"), field);
  on(form, {
    submit: (event) => {
      event.preventDefault();
      search();
    },
    input: () => {
      clearTimeout(timer);
      timer = setTimeout(search, TYPING_PAUSE_MS);
    },
  });
  const header = h("header", { class: "page-header" }, context.makeSidebarButton(), h("h1", { class: "title" }, t("search.title")));
  fill(root, header, h("div", { class: "page" }, h("div", { class: "page-content" }, form, results.element)));
  document.title = `${t("search.title")} – Nodo`;
  context.history.opened(null);
  field.focus();
  void results.show(field.value.trim());
  return {
    unmount: () => {
      clearTimeout(timer);
      life.abort();
    },
    onShortcut: (shortcut) => {
      if (shortcut === "composer") field.focus();
      return shortcut === "composer";
    },
  };
}

/**
 * @param {PageContext} context What it works with.
 * @param {AbortSignal} signal Ends it.
 */
function createResults({ chats }, signal) {
  const told = h("p", { class: "search-told", role: "status" });
  const list = h("ol", { class: "hits" });
  const notice = createNotice();
  let asked = 0;
  /** @type {{ query: string, cursor: string | null }} */
  let next = { query: "", cursor: null };
  const more = button(t("history.more"), () => void load(asked), { kind: "quiet" });
  const load = async (/** @type {number} */ turn) => {
    try {
      const page = await chats.search(next.query, { cursor: next.cursor, signal });
      if (turn !== asked) return;
      list.append(...page.items.map(createHit));
      next = { ...next, cursor: page.next_cursor };
      setAttribute(more, "hidden", page.next_cursor === null);
      told.textContent = wordsFor(next.query, list.childElementCount, page.next_cursor !== null);
    } catch (error) {
      if (!isAbort(error) && turn === asked) notice.show(problemIn(error));
    }
  };
  setAttribute(more, "hidden", true);
  return {
    element: h("div", { class: "search-results" }, notice.element, told, list, more),

    /** @param {string} query What to look for. */
    async show(query) {
      asked += 1;
      notice.hide();
      if (!query) {
        next = { query, cursor: null };
        fill(list);
        setAttribute(more, "hidden", true);
        told.textContent = t("search.lead");
        return;
      }
      const turn = asked;
      next = { query, cursor: null };
      fill(list);
      await load(turn);
    },
  };
}

/**
 * @param {string} query What was looked for.
 * @param {number} count How many are shown.
 * @param {boolean} hasMore Whether there are more.
 * @returns {string} What came of it.
 */
function wordsFor(query, count, hasMore) {
  if (count === 0) return t("search.nothing", { query });
  return hasMore ? tCount("search.first", count) : tCount("search.found", count);
}
