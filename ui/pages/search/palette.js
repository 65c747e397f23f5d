/** Everything by its name: conversations, messages, and what can be done now. */

import { isAbort, problemIn } from "../../api/failures.js";
import { addressOf, createSnippet } from "../../components/hit.js";
import { openModal } from "../../components/modal.js";
import { fill, h, icon, newElementId, on } from "../../lib/elements.js";
import { matches } from "../../lib/matching.js";
import { t } from "../../lib/texts.js";

/**
 * @typedef {import("../context.js").Command} Command
 * @typedef {import("../context.js").PageContext} PageContext
 * @typedef {{ symbol: string, words: (Node | string)[], act: () => void }} Choice
 * @typedef {{ heading: string, choices: Choice[] }} Group
 */

const TYPING_PAUSE_MS = 150;
const MOST_OF_A_KIND = 8;
/** @type {Record<string, number | undefined>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

/**
 * Opens the list.
 *
 * @param {PageContext} context What it works with.
 * @param {Command[]} commands What can be done now.
 */
export function openPalette(context, commands) {
  const life = new AbortController();
  const list = createChoices();
  const field = h("input", { type: "search", class: "palette-field", role: "combobox", "aria-label": t("palette.label"), placeholder: t("palette.label"), autocomplete: "off", "aria-expanded": "true", "aria-autocomplete": "list", "aria-controls": list.element.id });
  const modal = openModal({ title: t("palette.title"), className: "palette", content: () => [h("div", { class: "search" }, icon("search"), field), list.element] });
  modal.element.addEventListener("close", () => life.abort());
  const go = (/** @type {string} */ address) => context.go(address);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let asked = 0;
  const draw = (/** @type {string} */ query, /** @type {Found} */ found) => {
    const [chats, messages] = groupsOf(query, found, go);
    list.show([chats, commandGroup(query, commands), messages], field, modal.close);
  };
  const search = async (/** @type {string} */ query, /** @type {number} */ turn) => {
    const found = await find(context, query, life.signal);
    if (found && turn === asked) draw(query, found);
  };
  // What is known here is shown at once, so that Enter never takes what was there before the last letter.
  const onInput = () => {
    asked += 1;
    const turn = asked;
    const query = field.value.trim();
    draw(query, { conversations: context.history.state.items.filter(({ title }) => matches(title, query)), hits: [] });
    clearTimeout(timer);
    if (query) timer = setTimeout(() => void search(query, turn), TYPING_PAUSE_MS);
  };
  on(field, { input: onInput, keydown: (event) => list.onKey(event) });
  field.focus();
  onInput();
}

/**
 * @typedef {{ conversations: import("../../api/types.js").Conversation[], hits: import("../../api/types.js").Hit[] }} Found
 */

/**
 * @param {PageContext} context Asks the box.
 * @param {string} query What to look for.
 * @param {AbortSignal} signal Ends it.
 * @returns {Promise<Found | null>} Null if the box cannot be asked: the list then shows what is known.
 */
async function find({ chats }, query, signal) {
  try {
    const [page, hits] = await Promise.all([chats.list({ query, signal }), chats.search(query, { limit: MOST_OF_A_KIND, signal })]);
    return { conversations: page.items, hits: hits.items.filter(({ message_id: id }) => id !== null) };
  } catch (error) {
    if (!isAbort(error)) problemIn(error);
    return null;
  }
}

/**
 * @param {string} query What was written.
 * @param {Found} found What was found.
 * @param {(address: string) => void} go Shows a page.
 * @returns {[Group, Group]} Conversations and messages.
 */
function groupsOf(query, { conversations, hits }, go) {
  const chats = conversations.slice(0, MOST_OF_A_KIND).map(({ id, title }) => ({
    symbol: "chat",
    words: [title || t("chat.untitled")],
    act: () => go(`#/chat/${encodeURIComponent(id)}`),
  }));
  const messages = hits.map((hit) => ({
    symbol: "search",
    words: [h("span", { class: "palette-from" }, hit.conversation_title || t("chat.untitled")), createSnippet(hit.snippet)],
    act: () => go(addressOf(hit)),
  }));
  const everywhere = { symbol: "search", words: [t("palette.everywhere", { query })], act: () => go(`#/search?q=${encodeURIComponent(query)}`) };
  return [
    { heading: t("palette.chats"), choices: chats },
    { heading: t("palette.messages"), choices: query ? [...messages, everywhere] : [] },
  ];
}

/**
 * @param {string} query What was written.
 * @param {Command[]} commands What can be done now.
 * @returns {Group} Those that suit.
 */
function commandGroup(query, commands) {
  const choices = commands.filter(({ label }) => matches(label, query)).map(({ label, symbol, act }) => ({ symbol, words: [label], act }));
  return { heading: t("palette.commands"), choices };
}

/** Returns the list of what can be chosen; the field keeps the focus, the arrows move the choice. */
function createChoices() {
  const element = h("div", { class: "palette-list", role: "listbox", id: newElementId("palette"), "aria-label": t("palette.results") });
  /** @type {{ options: HTMLElement[], acts: (() => void)[], at: number, field: HTMLElement | null }} */
  const now = { options: [], acts: [], at: 0, field: null };
  // What somebody went to with the arrows stays chosen when more is found.
  let kept = "";
  const mark = (/** @type {number} */ at) => {
    now.at = at;
    now.options.forEach((option, number) => option.setAttribute("aria-selected", String(number === at)));
    const chosen = now.options[at];
    if (chosen) now.field?.setAttribute("aria-activedescendant", chosen.id);
    else now.field?.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  };
  const point = (/** @type {HTMLElement} */ option) => {
    if (now.options[now.at] === option) return;
    mark(now.options.indexOf(option));
    kept = option.textContent;
  };
  return {
    element,

    /**
     * @param {Group[]} groups What can be chosen; empty ones are left out.
     * @param {HTMLElement} field Where the focus is.
     * @param {() => void} close Closes the list.
     */
    show(groups, field, close) {
      Object.assign(now, { options: [], acts: [], field });
      const drawn = groups.filter(({ choices }) => choices.length > 0).map(({ heading, choices }) => {
        const headingId = newElementId("palette-heading");
        const options = choices.map(({ symbol, words, act }) => {
          const choose = () => {
            close();
            act();
          };
          const option = h("div", { class: "palette-choice", role: "option", id: newElementId("palette-choice") }, icon(symbol), h("span", { class: "palette-words" }, ...words));
          now.options.push(option);
          now.acts.push(choose);
          // What is under the pointer is what Enter takes: one row looks chosen, never two.
          return on(option, { click: choose, pointermove: () => point(option) });
        });
        return h("div", { role: "group", "aria-labelledby": headingId }, h("p", { class: "palette-heading", id: headingId }, heading), ...options);
      });
      fill(element, ...drawn);
      mark(Math.max(0, kept ? now.options.findIndex(({ textContent }) => textContent === kept) : 0));
    },

    /** @param {KeyboardEvent} event A key in the field. */
    onKey(event) {
      const step = STEPS[event.key];
      if (step !== undefined) {
        mark((now.at + step + now.options.length) % Math.max(1, now.options.length));
        kept = now.options[now.at]?.textContent ?? "";
      } else if (event.key === "Enter" && !event.isComposing) {
        now.acts[now.at]?.();
      } else {
        kept = "";
        return;
      }
      event.preventDefault();
    },
  };
}
