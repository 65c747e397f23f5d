/** What this browser remembers: preferences for long, drafts as long as the tab lives. */

/* eslint no-restricted-globals: "off" -- the one place that keeps things in the browser */

const PREFIX = "nodo.";

/**
 * @param {"localStorage" | "sessionStorage"} kind Which one.
 * @returns {Storage | null} Null where the browser forbids it (private windows, policies).
 */
function storageOf(kind) {
  try {
    return globalThis[kind];
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

/**
 * @param {Storage | null} storage Where.
 * @param {string} key Which.
 * @param {string | null} value What; null removes it.
 */
function put(storage, key, value) {
  try {
    if (value === null || value === "") storage?.removeItem(PREFIX + key);
    else storage?.setItem(PREFIX + key, value);
  } catch (error) {
    // Full or forbidden: the page works on, it only forgets.
    if (!(error instanceof DOMException)) throw error;
  }
}

/**
 * Returns a preference.
 *
 * @param {string} key Which.
 * @returns {string | null} As it was put; null if never.
 */
export function preference(key) {
  return storageOf("localStorage")?.getItem(PREFIX + key) ?? null;
}

/**
 * Remembers a preference.
 *
 * @param {string} key Which.
 * @param {string | null} value What; null forgets it.
 */
export function setPreference(key, value) {
  put(storageOf("localStorage"), key, value);
}

/**
 * Returns the draft of a conversation.
 *
 * @param {string} userId Whose.
 * @param {string} conversationId Which; "new" for none yet.
 * @returns {string} The text; empty if there is none.
 */
export function draft(userId, conversationId) {
  return storageOf("sessionStorage")?.getItem(`${PREFIX}draft.${userId}.${conversationId}`) ?? "";
}

/**
 * Remembers the draft of a conversation.
 *
 * @param {string} userId Whose.
 * @param {string} conversationId Which; "new" for none yet.
 * @param {string} text The text; empty forgets it.
 */
export function setDraft(userId, conversationId, text) {
  put(storageOf("sessionStorage"), `draft.${userId}.${conversationId}`, text);
}

/** Forgets all drafts, when somebody signs out. */
export function forgetDrafts() {
  const storage = storageOf("sessionStorage");
  const keys = storage ? Object.keys(storage).filter((key) => key.startsWith(`${PREFIX}draft.`)) : [];
  for (const key of keys) storage?.removeItem(key);
}
