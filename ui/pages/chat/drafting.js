/** What is being written in one conversation, kept in this tab until it is sent. */

import { draft, setDraft } from "../../lib/storage.js";

const NEW = "new";

/** The draft of one conversation of one person. */
export class Drafting {
  #userId;
  #id;

  /**
   * @param {string} userId Whose it is.
   * @param {string | null} conversationId Which conversation; null for a new one.
   */
  constructor(userId, conversationId) {
    this.#userId = userId;
    this.#id = conversationId ?? NEW;
  }

  /** @returns {boolean} Whether the conversation has no name yet. */
  get isNew() {
    return this.#id === NEW;
  }

  /** @returns {string} What was written. */
  get text() {
    return draft(this.#userId, this.#id);
  }

  /** @param {string} text What is written now. */
  keep(text) {
    setDraft(this.#userId, this.#id, text);
  }

  /**
   * Goes on under the name that the box gave.
   *
   * @param {string} conversationId The name.
   */
  named(conversationId) {
    const { text } = this;
    this.keep("");
    this.#id = conversationId;
    this.keep(text);
  }
}
