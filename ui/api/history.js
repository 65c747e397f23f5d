/** The list of conversations as last told by the box: asked for after news, and again and again while none come. */

import { isAbort, problemIn } from "./failures.js";

/**
 * @typedef {import("./types.js").Conversation} Conversation
 * @typedef {import("./types.js").Problem} Problem
 * @typedef {import("./chats.js").Chats} Chats
 * @typedef {import("./live.js").Live} Live
 */

const BUSY_MS = 3000;
const CALM_MS = 30_000;
// News come in groups: an answer that ends changes its conversation too.
const GROUP_MS = 150;

/**
 * @typedef {object} HistoryState
 * @property {Conversation[]} items Newest activity first.
 * @property {string | null} nextCursor Where older ones begin.
 * @property {string} query What is searched for.
 * @property {boolean} isLoaded Whether the box has answered once.
 * @property {boolean} isReachable Whether the last request came through.
 * @property {ReadonlySet<string>} unread Conversations with an answer that nobody has looked at.
 * @property {string | null} openId The conversation on the page.
 */

/** Holds the list and tells who listens when it changes. */
export class History {
  #chats;
  #tabs;
  #life;
  /** @type {HistoryState} */
  #state = { items: [], nextCursor: null, query: "", isLoaded: false, isReachable: true, unread: new Set(), openId: null };
  /** @type {Set<(state: HistoryState) => void>} */
  #listeners = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #soon;
  #asked = 0;
  /** @type {Pick<Live, "isOpen">} */
  #live = { isOpen: false };
  // Whether more than the first page is shown: a refresh must not take it away.
  #hasOlder = false;

  /**
   * @param {Chats} chats Asks the box.
   * @param {BroadcastChannel} tabs Reaches the other tabs of this browser.
   * @param {AbortSignal} life Ends the asking.
   */
  constructor(chats, tabs, life) {
    this.#chats = chats;
    this.#tabs = tabs;
    this.#life = life;
    tabs.addEventListener("message", () => this.#live.isOpen || void this.refresh(), { signal: life });
    life.addEventListener("abort", () => {
      clearTimeout(this.#timer);
      clearTimeout(this.#soon);
    });
  }

  /**
   * Asks when there are news, and not by the clock any more.
   *
   * @param {Live} live Where they come from.
   */
  hearFrom(live) {
    const life = this.#life;
    this.#live = live;
    live.on("answer", () => this.#refreshSoon(), life);
    live.on("conversation", (/** @type {{ id: string, change: string }} */ { id, change }) => this.#hear(id, change), life);
    live.on("open", () => void this.refresh(), life);
    // Whether it is the line or the box shows at once.
    live.on("lost", () => void this.refresh(), life);
  }

  /** Lets the other tabs of this browser ask the box again. */
  tellTabs() {
    this.#tabs.postMessage("changed");
  }

  /** @returns {HistoryState} The present state. */
  get state() {
    return this.#state;
  }

  /**
   * Calls a listener now and at each change.
   *
   * @param {(state: HistoryState) => void} listener Gets the state.
   * @param {AbortSignal} signal Ends it.
   */
  subscribe(listener, signal) {
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener));
    listener(this.#state);
  }

  /**
   * Asks the box for the first page again; a failure only shows in `isReachable`.
   *
   * @returns {Promise<void>} When the answer is in the state.
   */
  async refresh() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    const asked = this.#asked;
    try {
      const page = await this.#chats.list({ query: this.#state.query, signal: this.#life });
      if (asked === this.#asked) this.#take(page.items, page.next_cursor);
    } catch (error) {
      if (isAbort(error)) return;
      problemIn(error);
      if (asked === this.#asked) this.#change({ isReachable: false });
    }
    if (asked === this.#asked) this.#planNext();
  }

  /** Loads the next, older page. */
  async loadOlder() {
    const { nextCursor, query } = this.#state;
    if (!nextCursor) return;
    const page = await this.#chats.list({ query, cursor: nextCursor, signal: this.#life });
    if (this.#state.nextCursor !== nextCursor) return;
    const known = new Set(this.#state.items.map(({ id }) => id));
    const items = [...this.#state.items, ...page.items.filter(({ id }) => !known.has(id))];
    this.#hasOlder = true;
    this.#change({ items, nextCursor: page.next_cursor });
  }

  /**
   * Searches by title.
   *
   * @param {string} query Part of a title; empty for all.
   * @returns {Promise<void>} When the answer is in the state.
   */
  async search(query) {
    this.#hasOlder = false;
    this.#change({ query });
    await this.refresh();
  }

  /**
   * Tells which conversation is on the page; it counts as read.
   *
   * @param {string | null} id Which.
   */
  opened(id) {
    this.#change({ openId: id });
    this.#markRead();
  }

  /** Tells that the page is in sight again. */
  seen() {
    this.#markRead();
  }

  /**
   * Puts what the page knows already into the list, before the box is asked again.
   *
   * @param {Partial<Conversation> & { id: string }} part What is known.
   */
  learn(part) {
    const known = this.#state.items.find(({ id }) => id === part.id);
    if (known) {
      this.#change({ items: this.#state.items.map((item) => (item.id === part.id ? { ...item, ...part } : item)) });
      return;
    }
    const now = new Date().toISOString();
    const made = { title: "", created_at: now, updated_at: now, writing: false, ...part };
    this.#change({ items: [made, ...this.#state.items] });
  }

  /**
   * Gives a conversation another title, here at once and then in the box.
   *
   * @param {string} id Which.
   * @param {string} title Its title.
   * @param {(problem: Problem) => void} onProblem Called if the box refuses; the old title is back then.
   */
  async rename(id, title, onProblem) {
    this.learn({ id, title });
    await this.#inTheBox(() => this.#chats.rename(id, title), onProblem);
  }

  /**
   * Deletes a conversation; it can be brought back.
   *
   * @param {string} id Which.
   * @param {(problem: Problem) => void} onProblem Called if the box refuses.
   * @returns {Promise<boolean>} Whether it is gone.
   */
  async remove(id, onProblem) {
    this.#change({ items: this.#state.items.filter((item) => item.id !== id) });
    return await this.#inTheBox(() => this.#chats.remove(id), onProblem);
  }

  /**
   * Brings a deleted conversation back.
   *
   * @param {string} id Which.
   * @param {(problem: Problem) => void} onProblem Called if the box refuses.
   * @returns {Promise<boolean>} Whether it is back.
   */
  async restore(id, onProblem) {
    return await this.#inTheBox(() => this.#chats.restore(id), onProblem);
  }

  /**
   * @param {() => Promise<unknown>} change Asks the box.
   * @param {(problem: Problem) => void} onProblem Called if it refuses.
   * @returns {Promise<boolean>} Whether it was done.
   */
  async #inTheBox(change, onProblem) {
    let isDone = true;
    try {
      await change();
      this.tellTabs();
    } catch (error) {
      isDone = false;
      onProblem(problemIn(error));
    }
    await this.refresh();
    return isDone;
  }

  /**
   * @param {Conversation[]} items The first page.
   * @param {string | null} nextCursor Where older ones begin.
   */
  #take(items, nextCursor) {
    const fresh = new Set(items.map(({ id }) => id));
    const older = this.#hasOlder ? this.#state.items.filter(({ id, updated_at }) => !fresh.has(id) && isOlder(updated_at, items)) : [];
    const cursor = this.#hasOlder ? this.#state.nextCursor : nextCursor;
    this.#change({ items: [...items, ...older], nextCursor: cursor, isLoaded: true, isReachable: true });
    this.#markRead();
  }

  /**
   * @param {string} id Of which conversation.
   * @param {string} change What became of it.
   */
  #hear(id, change) {
    const { items } = this.#state;
    if (change === "deleted") this.#change({ items: items.filter((item) => item.id !== id) });
    if (change === "read") this.#change({ items: items.map((item) => (item.id === id ? { ...item, unread: false } : item)) });
    else this.#refreshSoon();
  }

  #refreshSoon() {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => void this.refresh(), GROUP_MS);
  }

  /** An answer that is in sight is read, here and on the person's other devices. */
  #markRead() {
    const open = this.#state.items.find(({ id }) => id === this.#state.openId);
    if (!open?.unread || open.writing || this.#isHidden()) return;
    this.#change({ items: this.#state.items.map((item) => (item === open ? { ...item, unread: false } : item)) });
    // Without the box it stays unread there, and is marked when it is next opened.
    this.#chats.markRead(open.id).catch((error) => isAbort(error) || problemIn(error));
  }

  /** @param {Partial<HistoryState>} part What changes. */
  #change(part) {
    this.#state = { ...this.#state, ...part };
    const { items, openId } = this.#state;
    const isSeen = (/** @type {string} */ id) => id === openId && !this.#isHidden();
    this.#state.unread = new Set(items.filter(({ id, unread, writing }) => unread && !writing && !isSeen(id)).map(({ id }) => id));
    for (const listener of this.#listeners) listener(this.#state);
  }

  #isHidden() {
    return globalThis.document?.hidden ?? false;
  }

  #planNext() {
    if (this.#live.isOpen) return;
    const isBusy = !this.#state.isReachable || this.#state.items.some(({ writing }) => writing);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onTimer(), isBusy ? BUSY_MS : CALM_MS);
  }

  #onTimer() {
    // A page in the background does not ask; it does when it comes to the front (app/main).
    if (document.hidden) this.#planNext();
    else void this.refresh();
  }
}

/**
 * @param {string} time When a conversation was last active.
 * @param {Conversation[]} page The newest ones.
 * @returns {boolean} Whether it belongs behind them.
 */
function isOlder(time, page) {
  return time < (page.at(-1)?.updated_at ?? "");
}
