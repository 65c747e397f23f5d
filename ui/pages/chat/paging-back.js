/** Loading older pages until a message is there. */

import { merged } from "./transcript.js";

/**
 * @typedef {import("../../api/types.js").Message} Message
 * @typedef {{ messages: Message[], olderCursor: string | null }} Loaded What is known, and where older ones begin.
 */

/**
 * Returns all messages back to one of them; they are to be drawn at once.
 *
 * @param {string} messageId Which.
 * @param {Loaded & { id: string | null }} known Of the conversation.
 * @param {{ chats: import("../../api/chats.js").Chats, signal: AbortSignal }} asking Asks the box.
 * @returns {Promise<Loaded | null>} Null if it is not in the conversation.
 */
export async function pagesBackTo(messageId, { id, messages, olderCursor }, { chats, signal }) {
  let loaded = { messages, olderCursor };
  const isThere = () => loaded.messages.some((message) => message.id === messageId);
  while (id !== null && loaded.olderCursor !== null && !isThere()) {
    const page = await chats.messages(id, { cursor: loaded.olderCursor, signal });
    loaded = { messages: merged(loaded.messages, page.items, true), olderCursor: page.next_cursor };
  }
  return isThere() ? loaded : null;
}
