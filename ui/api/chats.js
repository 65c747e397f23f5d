/** Conversations, their messages, and the streams of answers. */

import { withQuery } from "./queries.js";

/**
 * @typedef {import("./types.js").AnswerOptions} AnswerOptions
 * @typedef {import("./types.js").Conversation} Conversation
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./types.js").Rating} Rating
 * @typedef {import("./client.js").Client} Client
 */

/**
 * @template T
 * @typedef {import("./types.js").Page<T>} Page
 */

const STREAM = { Accept: "text/event-stream" };
const PAGE = 50;

/**
 * Returns the chat's requests.
 *
 * @param {Client} client Sends them.
 */
export function makeChats(client) {
  return {
    /**
     * @param {{ query?: string, cursor?: string | null, signal?: AbortSignal }} [which] Part of the title; where to go on.
     * @returns {Promise<Page<Conversation>>} Newest activity first.
     */
    list: ({ query = "", cursor = null, signal } = {}) =>
      client.json({ method: "GET", path: withQuery("/conversations", { query, cursor, limit: PAGE }), signal }),

    /**
     * @param {string} id Which.
     * @param {AbortSignal} [signal] Ends it.
     * @returns {Promise<Conversation>} It.
     */
    find: (id, signal) => client.json({ method: "GET", path: conversationPath(id), signal }),

    /**
     * @param {string} id Which.
     * @param {string} title Its new title.
     * @returns {Promise<Conversation>} It.
     */
    rename: (id, title) => client.json({ method: "PATCH", path: conversationPath(id), body: { title } }),

    /**
     * @param {string} id Which.
     * @param {boolean} pinned Whether it stands above the others.
     * @returns {Promise<Conversation>} It.
     */
    pin: (id, pinned) => client.json({ method: "PATCH", path: conversationPath(id), body: { pinned } }),

    /**
     * @param {{ cursor?: string | null, signal?: AbortSignal }} [which] Where to go on.
     * @returns {Promise<Page<Conversation>>} Deleted ones that can still be brought back.
     */
    listDeleted: ({ cursor = null, signal } = {}) =>
      client.json({ method: "GET", path: withQuery("/conversations", { deleted: "true", cursor, limit: PAGE }), signal }),

    /**
     * @param {string} query What to look for in one's own titles and messages.
     * @param {{ cursor?: string | null, limit?: number, signal?: AbortSignal }} [which] Where to go on, and how many.
     * @returns {Promise<Page<import("./types.js").Hit>>} Best or newest first.
     */
    search: (query, { cursor = null, limit = PAGE, signal } = {}) =>
      client.json({ method: "GET", path: withQuery("/history", { q: query, cursor, limit }), signal }),

    /**
     * @param {string} id Which.
     * @param {"md" | "json"} format In which form.
     * @returns {Promise<Response>} The conversation as a file.
     */
    exported: (id, format) => client.open({ method: "GET", path: `${conversationPath(id)}/export?format=${format}` }),

    /**
     * @param {string} id Which; it can be brought back for 30 days.
     * @returns {Promise<void>} When it is gone.
     */
    remove: (id) => client.json({ method: "DELETE", path: conversationPath(id) }),

    /**
     * @param {string} id Which.
     * @returns {Promise<void>} When it is back.
     */
    restore: (id) => client.json({ method: "POST", path: `${conversationPath(id)}/restore` }),

    /**
     * @param {string} id A conversation whose newest answer has been seen.
     * @returns {Promise<void>} When the box knows.
     */
    markRead: (id) => client.json({ method: "POST", path: `${conversationPath(id)}/read` }),

    /**
     * @param {string} id Of which conversation.
     * @param {{ cursor?: string | null, signal?: AbortSignal }} [which] Null for the newest page.
     * @returns {Promise<Page<Message>>} Oldest first; the cursor leads to older ones.
     */
    messages: (id, { cursor = null, signal } = {}) =>
      client.json({ method: "GET", path: withQuery(`${conversationPath(id)}/messages`, { cursor, limit: PAGE }), signal }),

    /**
     * @param {{ message: string, conversation_id?: string, parent_id?: string | null, options?: AnswerOptions, files?: string[],
     *   temporary?: boolean }} body The question.
     * @param {AbortSignal} signal Ends the reading, not the answer.
     * @returns {Promise<Response>} The stream of its answer.
     */
    send: (body, signal) => client.open({ method: "POST", path: "/chat", body, headers: STREAM, signal }),

    /**
     * @param {string} messageId An answer.
     * @param {AbortSignal} signal Ends the reading, not the answer.
     * @returns {Promise<Response>} The stream of a new answer to the same question.
     */
    retry: (messageId, signal) => client.open({ method: "POST", path: `${messagePath(messageId)}/retry`, headers: STREAM, signal }),

    /**
     * @param {string} messageId An answer that was cut, stopped or interrupted.
     * @param {AbortSignal} signal Ends the reading, not the answer.
     * @returns {Promise<Response>} The stream of the same answer, which goes on.
     */
    goOn: (messageId, signal) => client.open({ method: "POST", path: `${messagePath(messageId)}/continue`, headers: STREAM, signal }),

    /**
     * @param {string} messageId An answer.
     * @param {Rating | null} rating Null takes it back.
     * @returns {Promise<void>} When it is stored.
     */
    rate: (messageId, rating) => client.json({ method: "PUT", path: `${messagePath(messageId)}/feedback`, body: { rating } }),

    /**
     * @param {string} messageId An answer.
     * @param {string} lastEventId What was seen last; empty for everything.
     * @param {AbortSignal} signal Ends the reading, not the answer.
     * @returns {Promise<Response>} The rest of its stream.
     */
    events: (messageId, lastEventId, signal) =>
      client.open({
        method: "GET",
        path: `${messagePath(messageId)}/events`,
        headers: lastEventId ? { ...STREAM, "Last-Event-ID": lastEventId } : STREAM,
        signal,
      }),

    /**
     * @param {string} messageId An answer that is being written.
     * @returns {Promise<{ stopped: boolean }>} False if it had ended already.
     */
    stop: (messageId) => client.json({ method: "POST", path: `${messagePath(messageId)}/stop` }),
  };
}

/** @typedef {ReturnType<typeof makeChats>} Chats */

/**
 * @param {string} id Which conversation.
 * @returns {string} Its path.
 */
function conversationPath(id) {
  return `/conversations/${encodeURIComponent(id)}`;
}

/**
 * @param {string} id Which answer.
 * @returns {string} Its path.
 */
function messagePath(id) {
  return `/chat/${encodeURIComponent(id)}`;
}
