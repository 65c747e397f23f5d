/** One conversation on the page: what is known of it, and what can be done. Knows no elements. */

import { isAbort, problemIn, UnreachableError } from "../../api/failures.js";
import { follow, loadEventStream } from "../../api/following.js";
import { chosenTo } from "../../lib/branches.js";
import { beginning, overwritten, placeOf } from "../../lib/places.js";
import { findArrived } from "./arriving.js";
import { pagesBackTo } from "./paging-back.js";
import { bodyOf } from "./questions.js";
import { changed, ended, failed, merged, named, PENDING_ANSWER, PENDING_QUESTION, pendingAnswer, pendingQuestion, unfinished, withoutPending } from "./transcript.js";

/**
 * @typedef {import("../../api/types.js").Message} Message
 * @typedef {import("../../api/types.js").Stage} Stage
 * @typedef {import("../../api/types.js").Problem} Problem
 * @typedef {import("../../api/types.js").Head} Head
 * @typedef {import("../../api/event-stream.js").StreamEvent} StreamEvent
 *
 * @typedef {object} Live
 * @property {string} messageId The answer that is being written.
 * @property {Stage | null} stage What it is doing.
 * @property {number} sinceMs When it was asked for, by this browser's clock.
 * @property {boolean} wantsStop Whether it is to be stopped as soon as its id is known.
 *
 * @typedef {import("./questions.js").Extras} Extras
 *
 * @typedef {object} ConversingState
 * @property {string | null} id The conversation; null before the first question.
 * @property {string} title Its title.
 * @property {Message[]} messages Oldest first.
 * @property {string | null} olderCursor Where older ones begin.
 * @property {ReadonlyMap<string, string>} chosen Chosen versions, by parent.
 * @property {ReadonlyMap<string, number>} dropped How many turns an answer had no room for, by its id.
 * @property {Live | null} live The answer that is being written.
 * @property {boolean} isLoading Whether the first page is on its way.
 * @property {Problem | null} problem Why it cannot be shown.
 *
 * @typedef {object} ConversingNeeds
 * @property {import("../../api/chats.js").Chats} chats Asks the box.
 * @property {() => number} nowMs The present, as `Date.now` tells it.
 * @property {(attempt: number, signal: AbortSignal) => Promise<void>} wait Waits before another try.
 * @property {(state: ConversingState) => void} onChange Called at each change.
 * @property {(isConnected: boolean) => void} onLine Called when the line is lost and when it is back.
 * @property {(head: Head) => void} onBegun Called when the box has taken a question.
 * @property {(message: Message | undefined) => void} onEnded Called when an answer has ended.
 * @property {(text: string, problem: Problem, files: import("../../api/types.js").AttachedFile[]) => void} onUnsent Called with a question that the box has not taken.
 * @property {(problem: Problem) => void} onProblem Called when something else failed.
 */

const HOUR_MS = 3_600_000;
const CLOCKS_APART_MS = 120_000;

/** Holds one conversation and does what its page asks for. */
export class Conversing {
  #needs;
  #life = new AbortController();
  /** @type {ConversingState} */
  #state;
  #hasLeft = false;

  /**
   * @param {string | null} id Which conversation; null for a new one.
   * @param {ConversingNeeds} needs What it needs.
   */
  constructor(id, needs) {
    this.#needs = needs;
    // While the first question is written; asking tries it again.
    loadEventStream().catch(problemIn);
    this.#state = { id, title: "", messages: [], olderCursor: null, chosen: new Map(), dropped: new Map(), live: null, isLoading: id !== null, problem: null };
  }

  /** @returns {ConversingState} The present state. */
  get state() {
    return this.#state;
  }

  /** Ends the reading; the answer goes on in the box. A question on its way is still handed over. */
  leave() {
    this.#hasLeft = true;
    const isOnItsWay = this.#state.live?.messageId === PENDING_ANSWER;
    if (!isOnItsWay) this.#life.abort();
  }

  /** Loads the newest page and takes up the stream of an unfinished answer. */
  async load() {
    const { id } = this.#state;
    if (id === null) return;
    try {
      const signal = this.#life.signal;
      const [conversation, page] = await Promise.all([this.#needs.chats.find(id, signal), this.#needs.chats.messages(id, { signal })]);
      const hadMessages = this.#state.messages.length > 0;
      const messages = merged(this.#state.messages, page.items, false);
      const olderCursor = hadMessages ? this.#state.olderCursor : page.next_cursor;
      this.#change({ title: conversation.title, messages, olderCursor, isLoading: false, problem: null });
      this.#takeUp();
    } catch (error) {
      if (isAbort(error)) return;
      this.#change({ isLoading: false, problem: problemIn(error) });
    }
  }

  /**
   * Loads the page before the oldest message.
   *
   * @returns {Promise<boolean>} Whether there was one.
   */
  async loadOlder() {
    const { id, olderCursor } = this.#state;
    if (id === null || olderCursor === null) return false;
    return await this.#attempt(async () => {
      const page = await this.#needs.chats.messages(id, { cursor: olderCursor, signal: this.#life.signal });
      if (this.#state.olderCursor !== olderCursor) return;
      this.#change({ messages: merged(this.#state.messages, page.items, true), olderCursor: page.next_cursor });
    });
  }

  /**
   * Asks a question.
   *
   * @param {string} text The question.
   * @param {string | null} parentId The answer that it follows; null at the beginning.
   * @param {Extras} [extras] What goes with it.
   */
  async send(text, parentId, extras = {}) {
    const { id } = this.#state;
    const now = new Date(this.#needs.nowMs()).toISOString();
    const question = { ...pendingQuestion({ text, parentId, now }), files: extras.files ?? [] };
    const answer = pendingAnswer({ questionId: PENDING_QUESTION, now });
    const known = new Set(this.#state.messages.map(({ id: messageId }) => messageId));
    const body = bodyOf({ text, conversationId: id, parentId }, extras);
    this.#begin([question, answer], PENDING_ANSWER);
    try {
      await this.#follow((signal) => this.#needs.chats.send(body, signal));
    } catch (error) {
      await this.#onSendFailed(error, text, known);
    }
  }

  /**
   * Asks for another answer to the same question.
   *
   * @param {Message} message An answer.
   */
  async retry(message) {
    const now = new Date(this.#needs.nowMs()).toISOString();
    this.#begin([pendingAnswer({ questionId: message.parent_id ?? "", now })], PENDING_ANSWER);
    await this.#asAsked((signal) => this.#needs.chats.retry(message.id, signal));
  }

  /**
   * Lets an answer that was cut go on; its text stays.
   *
   * @param {Message} message The answer.
   */
  async goOn(message) {
    this.#begin([], message.id);
    this.#change({ messages: changed(this.#state.messages, message.id, { state: "queued", finish_reason: null, error: null }) });
    await this.#asAsked((signal) => this.#needs.chats.goOn(message.id, signal), message.id);
  }

  /**
   * Says what somebody thinks of an answer.
   *
   * @param {Message} message The answer.
   * @param {import("../../api/types.js").Rating | null} rating Null takes it back.
   */
  async rate({ id, feedback = null }, rating) {
    const show = (/** @type {import("../../api/types.js").Rating | null} */ shown) => this.#change({ messages: changed(this.#state.messages, id, { feedback: shown }) });
    show(rating);
    const isDone = await this.#attempt(() => this.#needs.chats.rate(id, rating));
    if (!isDone) show(feedback);
  }

  /**
   * Loads as many older messages as it takes to show one, and chooses the versions that lead to it.
   *
   * @param {string} messageId Which.
   * @returns {Promise<boolean>} Whether it is there.
   */
  async reveal(messageId) {
    await this.#attempt(async () => {
      const found = await pagesBackTo(messageId, this.#state, { chats: this.#needs.chats, signal: this.#life.signal });
      if (!found) return;
      const messages = merged(found.messages, this.#state.messages, false);
      this.#change({ messages, olderCursor: found.olderCursor, chosen: chosenTo(messages, messageId, this.#state.chosen) });
    });
    return this.#state.messages.some(({ id }) => id === messageId);
  }

  /** Ends the answer that is being written. */
  async stop() {
    const { live } = this.#state;
    if (!live) return;
    if (live.messageId === PENDING_ANSWER) this.#changeLive({ wantsStop: true });
    else await this.#attempt(() => this.#needs.chats.stop(live.messageId));
  }

  /**
   * Gives the conversation another title.
   *
   * @param {string} title The title.
   */
  retitle(title) {
    this.#change({ title });
  }

  /**
   * Shows another version of a message.
   *
   * @param {string} messageId Which.
   */
  choose(messageId) {
    const message = this.#state.messages.find(({ id }) => id === messageId);
    if (message) this.#change({ chosen: new Map(this.#state.chosen).set(message.parent_id ?? "", messageId) });
  }

  /**
   * @param {Message[]} added Pending messages.
   * @param {string} messageId The answer among them.
   */
  #begin(added, messageId) {
    const chosen = new Map(this.#state.chosen);
    for (const message of added) chosen.set(message.parent_id ?? "", message.id);
    const live = { messageId, stage: null, sinceMs: this.#needs.nowMs(), wantsStop: false };
    this.#change({ messages: [...this.#state.messages, ...added], chosen, live });
  }

  #takeUp() {
    const answer = unfinished(this.#state.messages);
    if (!answer || this.#state.live) return;
    // The two clocks may differ: an age that cannot be is not told.
    const ageMs = this.#needs.nowMs() - Date.parse(answer.created_at);
    const sinceMs = this.#needs.nowMs() - (ageMs > 0 && ageMs < HOUR_MS ? ageMs : 0);
    const live = { messageId: answer.id, stage: null, sinceMs, wantsStop: false };
    this.#change({ live });
    this.#follow((signal) => this.#needs.chats.events(answer.id, "", signal), answer.id).catch((error) => {
      if (isAbort(error)) return;
      this.#change({ live: null });
      this.#needs.onProblem(problemIn(error));
    });
  }

  /**
   * @param {(signal: AbortSignal) => Promise<Response>} open Begins the stream.
   * @param {string} [messageId] The answer, where it is known.
   */
  async #follow(open, messageId) {
    await follow({
      open,
      reopen: (id, lastEventId, signal) => this.#needs.chats.events(id, lastEventId, signal),
      onEvent: (event) => this.#onEvent(event),
      onLine: this.#needs.onLine,
      wait: this.#needs.wait,
      signal: this.#life.signal,
      ...(messageId ? { messageId } : {}),
    });
  }

  /** @param {StreamEvent} event What the box told. */
  #onEvent({ id, event, data }) {
    const end = placeOf(id);
    if (event === "conversation") this.#onHead(/** @type {Head} */ (data));
    else if (event === "stage") this.#onStage(/** @type {Stage} */ (data));
    else if (event === "token") this.#onToken(/** @type {{ text: string }} */ (data).text, end);
    else if (event === "title") this.retitle(/** @type {{ title: string }} */ (data).title);
    else if (event === "done") this.#onEnd(ended(/** @type {import("../../api/types.js").Done} */ (data)), end);
    else if (event === "error") this.#onEnd(failed(/** @type {Problem} */ (data)), end);
  }

  /** @param {Head} head Ids of question and answer. */
  #onHead(head) {
    const isNew = this.#state.live?.messageId === PENDING_ANSWER;
    const wantsStop = this.#state.live?.wantsStop ?? false;
    const rename = (/** @type {string} */ id) => (id === PENDING_QUESTION ? head.question_id : id === PENDING_ANSWER ? head.message_id : id);
    const chosen = new Map([...this.#state.chosen].map(([parent, child]) => [rename(parent), rename(child)]));
    this.#change({ id: head.conversation_id, title: head.title, messages: named(this.#state.messages, head), chosen });
    this.#changeLive({ messageId: head.message_id, wantsStop: false });
    if (isNew) this.#needs.onBegun(head);
    if (this.#hasLeft) this.#life.abort();
    if (wantsStop) void this.stop();
  }

  /** @param {Stage} stage What the answer is doing. */
  #onStage(stage) {
    const { live, dropped } = this.#state;
    if (live && stage.dropped_turns) this.#change({ dropped: new Map(dropped).set(live.messageId, stage.dropped_turns) });
    if (live && stage.read_from) this.#change({ messages: changed(this.#state.messages, live.messageId, { read_from: stage.read_from }) });
    this.#changeLive({ stage });
  }

  /**
   * @param {string} text More of the answer.
   * @param {number} end Where it ends in the answer.
   */
  #onToken(text, end) {
    const message = this.#liveMessage();
    if (!message) return;
    const content = overwritten(message.content, text, end);
    this.#change({ messages: changed(this.#state.messages, message.id, { content, state: "writing" }) });
  }

  /**
   * @param {Partial<Message>} part What the end changes in the answer.
   * @param {number} end How long its text is: what was shown behind that was not kept.
   */
  #onEnd(part, end) {
    const message = this.#liveMessage();
    if (!message) return;
    const content = beginning(message.content, end);
    this.#change({ messages: changed(this.#state.messages, message.id, { content, ...part }), live: null });
    this.#needs.onEnded(this.#state.messages.find(({ id }) => id === message.id));
  }

  /** @returns {Message | undefined} The answer that is being written. */
  #liveMessage() {
    return this.#state.messages.findLast(({ id }) => id === this.#state.live?.messageId);
  }

  /**
   * @param {unknown} error Why.
   * @param {string} text The question.
   * @param {ReadonlySet<string>} known Ids of the messages before it.
   */
  async #onSendFailed(error, text, known) {
    if (isAbort(error)) return;
    if (!(error instanceof UnreachableError)) {
      this.#takeBack(text, problemIn(error));
      return;
    }
    this.#needs.onLine(false);
    const earliestMs = (this.#state.live?.sinceMs ?? this.#needs.nowMs()) - CLOCKS_APART_MS;
    const seeking = { chats: this.#needs.chats, wait: this.#needs.wait, isWanted: () => !this.#state.live?.wantsStop, signal: this.#life.signal };
    const found = await findArrived({ text, conversationId: this.#state.id, known, earliestMs }, seeking).catch((/** @type {unknown} */ cause) => cause);
    this.#needs.onLine(true);
    if (typeof found === "string") await this.#adopt(found);
    else if (!isAbort(found)) this.#takeBack(text, problemIn(found ?? error));
  }

  /** @param {string} conversationId Where the question has arrived after all. */
  async #adopt(conversationId) {
    this.#change({ id: conversationId, messages: withoutPending(this.#state.messages), live: null });
    await this.load();
    const answer = this.#state.messages.at(-1);
    if (answer) this.#needs.onBegun({ conversation_id: conversationId, title: this.#state.title, message_id: answer.id, question_id: answer.parent_id ?? "" });
  }

  /**
   * @param {string} text A question that the box has not taken.
   * @param {Problem} problem Why.
   */
  #takeBack(text, problem) {
    const files = this.#state.messages.find(({ id }) => id === PENDING_QUESTION)?.files ?? [];
    this.#change({ messages: withoutPending(this.#state.messages), live: null });
    this.#needs.onUnsent(text, problem, files);
  }

  /**
   * Follows an answer that was asked for again; if the box refuses, what it has is shown.
   *
   * @param {(signal: AbortSignal) => Promise<Response>} open Begins the stream.
   * @param {string} [messageId] The answer, where it is known.
   */
  async #asAsked(open, messageId) {
    try {
      await this.#follow(open, messageId);
    } catch (error) {
      if (isAbort(error)) return;
      this.#change({ messages: withoutPending(this.#state.messages), live: null });
      this.#needs.onProblem(problemIn(error));
      await this.load();
    }
  }

  /**
   * @param {() => Promise<unknown>} action Something that may fail without harm.
   * @returns {Promise<boolean>} Whether it was done.
   */
  async #attempt(action) {
    try {
      await action();
      return true;
    } catch (error) {
      if (!isAbort(error)) this.#needs.onProblem(problemIn(error));
      return false;
    }
  }

  /** @param {Partial<Live>} part What changes. */
  #changeLive(part) {
    const { live } = this.#state;
    if (live) this.#change({ live: { ...live, ...part } });
  }

  /** @param {Partial<ConversingState>} part What changes. */
  #change(part) {
    this.#state = { ...this.#state, ...part };
    this.#needs.onChange(this.#state);
  }
}
