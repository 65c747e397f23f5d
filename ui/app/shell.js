/** The frame of a signed-in person: sidebar, page, banners, keys. */

import { makeAccounts } from "../api/accounts.js";
import { problemIn } from "../api/failures.js";
import { Habits } from "../api/habits.js";
import { createAnnouncer } from "../components/announcer.js";
import { createToasts } from "../components/toasts.js";
import { fill, h, iconButton, on } from "../lib/elements.js";
import { shortcutOf } from "../lib/keys.js";
import { loadPageTexts } from "../lib/more-texts.js";
import { preference } from "../lib/storage.js";
import { t } from "../lib/texts.js";
import { connectDrawer } from "./drawer.js";
import { pageFor } from "./page-loading.js";
import { gateOf, routeOf } from "./router.js";
import { createSidebar, remove } from "./sidebar.js";
import { createUserMenu } from "./user-menu.js";

/**
 * @typedef {import("../pages/context.js").PageContext} PageContext
 * @typedef {import("../pages/context.js").MountedPage} MountedPage
 * @typedef {import("../lib/keys.js").Shortcut} Shortcut
 *
 * @typedef {object} ShellNeeds
 * @property {import("../api/types.js").User} user Who is signed in.
 * @property {import("../api/client.js").Client} client Sends requests.
 * @property {import("../api/chats.js").Chats} chats Conversations and answers.
 * @property {import("../api/engine.js").EngineApi} engine The engine.
 * @property {import("../api/engine-watch.js").EngineWatch} engineWatch What the engine is doing.
 * @property {import("../api/history.js").History} history The list of conversations.
 * @property {import("../api/live.js").Live} live News from the box.
 * @property {(language: import("../lib/texts.js").Language) => void} onLanguage Called with the chosen language.
 * @property {() => void} onLeave Asked to sign out.
 */

/** The frame, and in it one page at a time. */
export class Shell {
  #life = new AbortController();
  #announcer = createAnnouncer();
  #toasts = createToasts((text) => this.#announcer.say(text));
  #banner = h("p", { class: "banner", role: "status" });
  #main = h("main", { class: "main" });
  #context;
  /** @type {Set<() => void>} */
  #userListeners = new Set();
  #makeMenu;
  /** @type {HTMLElement} */
  #menu;
  #sidebar;
  #drawer;
  /** @type {MountedPage | null} */
  #page = null;
  #turn = 0;

  /**
   * @param {HTMLElement} root Where.
   * @param {ShellNeeds} needs What it works with.
   */
  constructor(root, needs) {
    const { signal } = this.#life;
    this.#context = this.#makeContext(needs);
    this.#makeMenu = () => createUserMenu({
      user: needs.user,
      onLanguage: needs.onLanguage,
      onHabit: (changes) => void this.#changeHabits(changes),
      onHelp: () => void this.#openHelp(),
      onLeave: needs.onLeave,
    }, signal);
    this.#menu = this.#makeMenu();
    const parts = { userMenu: this.#menu, onFold: () => this.#drawer.toggle(), onNew: () => this.#newChat() };
    this.#sidebar = createSidebar(this.#context, parts, signal);
    const skip = h("button", { type: "button", class: "skip" }, t("nav.skip"));
    on(skip, { click: () => this.#act("composer") });
    const frame = h("div", { class: "frame" }, this.#sidebar.element, h("div", { class: "column" }, this.#banner, this.#main));
    fill(root, skip, frame, this.#toasts.element, this.#announcer.element);
    this.#drawer = connectDrawer(frame, this.#sidebar.element, this.#main, signal);
    globalThis.addEventListener("hashchange", () => void this.#show(), { signal });
    globalThis.addEventListener("offline", () => this.#showLineLost(true), { signal });
    globalThis.addEventListener("online", () => this.#showLineLost(false), { signal });
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    this.#watchReach(signal);
    needs.live.on("notice", (notice) => void this.#showNotice(notice), signal);
    void this.#show();
  }

  /** Ends the frame and its page. */
  unmount() {
    this.#page?.unmount();
    this.#life.abort();
  }

  /**
   * @param {ShellNeeds} needs What the frame works with.
   * @returns {PageContext} What pages work with.
   */
  #makeContext({ user, client, chats, engine, engineWatch, history, live, onLanguage }) {
    return {
      user,
      client,
      habits: new Habits(makeAccounts(client), user),
      onLanguage,
      onUser: (changed) => this.#showPerson(changed),
      watchUser: (listener, signal) => {
        this.#userListeners.add(listener);
        signal.addEventListener("abort", () => this.#userListeners.delete(listener));
      },
      chats,
      engine,
      engineWatch,
      history,
      live,
      announcer: this.#announcer,
      toasts: this.#toasts,
      go: (hash, { isReplacing = false } = {}) => {
        if (isReplacing) globalThis.history.replaceState(null, "", hash);
        else location.hash = hash;
      },
      makeSidebarButton: () => {
        const opener = iconButton("sidebar", t("nav.unfold"), () => this.#drawer.toggle(), "sidebar-opener");
        return opener;
      },
      showLineLost: (isLost) => this.#showLineLost(isLost),
      removeOpen: () => this.#deleteOpen(),
    };
  }

  async #show() {
    this.#turn += 1;
    const turn = this.#turn;
    const route = routeOf(location.hash);
    // For somebody who is not signed in: the application takes this frame away.
    if (gateOf(route)) return;
    const mount = await pageFor(route);
    // Somebody went on while the page was loading.
    if (turn !== this.#turn || this.#life.signal.aborted) return;
    this.#page?.unmount();
    this.#drawer.closeOverlay();
    this.#sidebar.showPage(route.page);
    this.#page = mount(this.#main, this.#context, route);
  }

  #newChat() {
    this.#drawer.closeOverlay();
    if (routeOf(location.hash).page === "chat" && location.hash === "#/") this.#act("composer");
    else location.hash = "#/";
  }

  /** @param {AbortSignal} signal Ends it. */
  #watchReach(signal) {
    let wasReachable = true;
    this.#context.history.subscribe(({ isReachable }) => {
      if (isReachable !== wasReachable) this.#showLineLost(!isReachable);
      wasReachable = isReachable;
    }, signal);
  }

  /** @param {boolean} isLost Whether the box cannot be reached. */
  #showLineLost(isLost) {
    if (isLost) fill(this.#banner, h("span", { class: "banner-spinner", "aria-hidden": "true" }), t("banner.reconnecting"));
    else fill(this.#banner);
  }

  /** @param {import("../api/types.js").User} changed The person as now known. */
  #showPerson(changed) {
    Object.assign(this.#context.user, changed);
    const menu = this.#makeMenu();
    this.#menu.replaceWith(menu);
    this.#menu = menu;
    for (const listener of this.#userListeners) listener();
  }

  /** @param {import("../api/types.js").Preferences} changes What the person would rather have from now on. */
  async #changeHabits(changes) {
    // It works here already; a box that cannot be reached learns it with the next choice.
    await this.#context.habits.change(changes).catch(problemIn);
  }

  /** @param {import("./notices.js").Notice} notice What the box tells this person. */
  async #showNotice(notice) {
    const { showNotice } = await import("./notices.js");
    await showNotice(notice, this.#context);
  }

  async #openHelp() {
    const [{ openHelpSheet }] = await Promise.all([import("../components/help-sheet.js"), loadPageTexts()]);
    openHelpSheet({ isOn: preference("shortcuts") !== "off", onSwitch: (isOn) => void this.#changeHabits({ shortcuts: isOn }) });
  }

  async #openPalette() {
    const [{ openPalette }] = await Promise.all([import("../pages/search/palette.js"), loadPageTexts()]);
    const { go } = this.#context;
    const everywhere = [
      { label: t("chat.new"), symbol: "plus", act: () => this.#newChat() },
      { label: t("nav.models"), symbol: "cube", act: () => go("#/models") },
      { label: t("nav.bin"), symbol: "trash", act: () => go("#/bin") },
      { label: t("nav.settings"), symbol: "sliders", act: () => go("#/settings") },
      { label: t("user.keys"), symbol: "keyboard", act: () => void this.#openHelp() },
    ];
    openPalette(this.#context, [...everywhere, ...(this.#page?.commands?.() ?? [])]);
  }

  /** @param {KeyboardEvent} event A key. */
  #onKey(event) {
    if (preference("shortcuts") === "off" || document.querySelector("dialog:modal") || event.isComposing) return;
    const isTyping = event.target instanceof HTMLElement && event.target.matches("input, textarea, select, [contenteditable]");
    const shortcut = shortcutOf(event, isTyping);
    if (!shortcut || !this.#act(shortcut)) return;
    event.preventDefault();
  }

  /**
   * @param {Shortcut} shortcut What was asked for.
   * @returns {boolean} Whether it was done.
   */
  #act(shortcut) {
    if (this.#page?.onShortcut?.(shortcut)) return true;
    /** @type {Partial<Record<Shortcut, () => void>>} */
    const acts = {
      "new-chat": () => this.#newChat(),
      search: () => void this.#openPalette(),
      sidebar: () => this.#drawer.toggle(),
      delete: () => this.#deleteOpen(),
      settings: () => this.#context.go("#/settings"),
      help: () => void this.#openHelp(),
      composer: () => this.#newChat(),
    };
    acts[shortcut]?.();
    return acts[shortcut] !== undefined;
  }

  #deleteOpen() {
    const { items, openId } = this.#context.history.state;
    const conversation = items.find(({ id }) => id === openId);
    if (conversation) void remove(conversation, this.#context);
  }
}

