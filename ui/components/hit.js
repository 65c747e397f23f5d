/** A message that a search has found, with what was looked for marked in it. */

import { h } from "../lib/elements.js";
import { dayAndTime } from "../lib/formats.js";
import { t } from "../lib/texts.js";

/** @typedef {import("../api/types.js").Hit} HitData */

/**
 * Returns the address of what was found.
 *
 * @param {HitData} hit What was found.
 * @returns {string} Of its conversation, at the message.
 */
export function addressOf({ conversation_id: id, message_id: messageId }) {
  const chat = `#/chat/${encodeURIComponent(id)}`;
  return messageId ? `${chat}?message=${encodeURIComponent(messageId)}` : chat;
}

/**
 * Returns the words around what was found.
 *
 * @param {HitData["snippet"]} snippet In pieces.
 * @returns {HTMLElement} With marks.
 */
export function createSnippet(snippet) {
  const pieces = snippet.map(({ text, hit }) => (hit ? h("mark", {}, text) : text));
  return h("span", { class: "hit-snippet", dir: "auto" }, ...pieces);
}

/**
 * Returns a row that leads to the message.
 *
 * @param {HitData} hit What was found.
 * @returns {HTMLElement} The row.
 */
export function createHit(hit) {
  const title = h("span", { class: "hit-title", dir: "auto" }, hit.conversation_title || t("chat.untitled"));
  const where = hit.role === null ? t("search.in_title") : `${hit.role === "user" ? t("search.by_you") : t("search.by_nodo")} · ${dayAndTime(hit.created_at)}`;
  const parts = [title, createSnippet(hit.snippet), h("span", { class: "hit-where" }, where)];
  return h("li", {}, h("a", { class: "hit", href: addressOf(hit) }, ...parts));
}
