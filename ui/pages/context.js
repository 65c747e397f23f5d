/** What a page gets from the application. Types only. */

/**
 * @typedef {object} PageContext
 * @property {import("../api/types.js").User} user Who is signed in.
 * @property {import("../api/chats.js").Chats} chats Conversations and answers.
 * @property {import("../api/engine.js").EngineApi} engine The engine and its models.
 * @property {import("../api/engine-watch.js").EngineWatch} engineWatch What the engine is doing.
 * @property {import("../api/history.js").History} history The list in the sidebar.
 * @property {import("../components/announcer.js").Announcer} announcer Tells screen readers.
 * @property {import("../components/toasts.js").Toasts} toasts Short notices.
 * @property {(hash: string, options?: { isReplacing?: boolean }) => void} go Shows another page.
 * @property {() => HTMLButtonElement} makeSidebarButton Opens the sidebar where it is folded away.
 * @property {(isLost: boolean) => void} showLineLost Shows or hides "Reconnecting…".
 *
 * @typedef {object} MountedPage
 * @property {() => void} unmount Ends everything that the page has begun.
 * @property {(shortcut: import("../lib/keys.js").Shortcut) => boolean} [onShortcut] Returns whether it was the page's.
 */

export {};
