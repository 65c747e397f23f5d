/** Whether somebody else has changed the conversation on the page: another tab, another device. Pure. */

/** @typedef {import("../../api/types.js").Conversation} Conversation */

/** Compares what the list says of one conversation with what it said before. */
export class OutsideChanges {
  #seen = "";
  #expectsOwn = false;

  /** Tells that an answer has just ended here: the next change that the list shows is known. */
  ownAnswerEnded() {
    this.#expectsOwn = true;
  }

  /**
   * Tells whether the list shows something that the page does not know.
   *
   * @param {Conversation | undefined} item The conversation in the list; undefined if it is not there.
   * @returns {boolean} Whether to ask for its messages again.
   */
  hasChanged(item) {
    if (!item) return false;
    const now = `${item.updated_at} ${item.writing} ${item.title}`;
    const isNew = this.#seen !== "" && now !== this.#seen;
    const isOwn = this.#expectsOwn && !item.writing;
    this.#seen = now;
    if (isOwn) this.#expectsOwn = false;
    return isNew && !isOwn;
  }
}
