/** What a page gets from the application. Types only. */

/**
 * @typedef {"join" | "recover" | "register"} GateName A page for somebody who is not signed in.
 * @typedef {GateName | "admin" | "bin" | "chat" | "models" | "search" | "settings"} PageName
 *
 * @typedef {object} Route Where an address leads: `#/<page>/<path>/…?<query>`.
 * @property {PageName} page Which page.
 * @property {string[]} path What follows its name, decoded.
 * @property {Record<string, string>} query What follows the question mark.
 *
 * @typedef {object} GateContext What a page before the sign-in gets.
 * @property {import("../api/client.js").Client} client Sends requests.
 * @property {import("../api/accounts.js").Accounts} accounts Signs in.
 * @property {Route} route Where it is.
 * @property {(user: import("../api/types.js").User) => void} onEntered Called with the person who is signed in now.
 * @property {(language: import("../lib/texts.js").Language) => void} onLanguage Called with the chosen language.
 *
 * @typedef {object} PageContext
 * @property {import("../api/client.js").Client} client Sends requests; a page makes its own `api` of it.
 * @property {import("../api/types.js").User} user Who is signed in.
 * @property {import("../api/habits.js").Habits} habits What the person is used to.
 * @property {(user: import("../api/types.js").User) => void} onUser Called with the person after a change.
 * @property {(listener: () => void, signal: AbortSignal) => void} watchUser Calls a listener after each change of `user`.
 * @property {(language: import("../lib/texts.js").Language) => void} onLanguage Called with the chosen language.
 * @property {import("../api/chats.js").Chats} chats Conversations and answers.
 * @property {import("../api/engine.js").EngineApi} engine The engine and its models.
 * @property {import("../api/engine-watch.js").EngineWatch} engineWatch What the engine is doing.
 * @property {import("../api/history.js").History} history The list in the sidebar.
 * @property {import("../api/live.js").Live} live News from the box, such as `file` and `job`.
 * @property {import("../components/announcer.js").Announcer} announcer Tells screen readers.
 * @property {import("../components/toasts.js").Toasts} toasts Short notices.
 * @property {(hash: string, options?: { isReplacing?: boolean }) => void} go Shows another page.
 * @property {() => HTMLButtonElement} makeSidebarButton Opens the sidebar where it is folded away.
 * @property {(isLost: boolean) => void} showLineLost Shows or hides "Reconnecting…".
 * @property {() => void} removeOpen Deletes the open conversation, and offers to bring it back.
 *
 * @typedef {{ label: string, symbol: string, act: () => void }} Command Something that can be done now.
 *
 * @typedef {object} MountedPage
 * @property {() => void} unmount Ends everything that the page has begun.
 * @property {(shortcut: import("../lib/keys.js").Shortcut) => boolean} [onShortcut] Returns whether it was the page's.
 * @property {() => Command[]} [commands] What can be done on it, for the list of commands.
 */

export {};
