/** The chat: header, messages, composer. */

import { limitsInWords } from "../../components/attach-menu.js";
import { pause, delayMs } from "../../lib/backoff.js";
import { loadDrawing } from "../../components/answer-text.js";
import { createEditableTitle } from "../../components/editable-title.js";
import { createComposer } from "../../components/composer.js";
import { createWelcome } from "../../components/welcome.js";
import { createConversationProblem } from "../../components/conversation-problem.js";
import { createNotice } from "../../components/notices.js";
import { fill, h, setAttribute } from "../../lib/elements.js";
import { makeFlusher } from "../../lib/flushing.js";
import { pathOf } from "../../lib/branches.js";
import { makeMemo } from "../../lib/memo.js";
import { preference } from "../../lib/storage.js";
import { t } from "../../lib/texts.js";
import { makeWaking } from "../../lib/waking.js";
import { FILE_LIMITS } from "../../lib/file-limits.js";
import { watchKeyboard } from "../../lib/keyboard-inset.js";
import { allCommands, menuCommands, openIn } from "./commands.js";
import { Conversing } from "./conversing.js";
import { Drafting } from "./drafting.js";
import { connectDropping } from "./dropping.js";
import { Filing } from "./filing.js";
import { createFrame } from "./frame.js";
import { NearWindow } from "./near-window.js";
import { Options } from "./options.js";
import { OutsideChanges } from "./outside-changes.js";
import { Scrolling } from "./scrolling.js";
import { Telling } from "./telling.js";
import { createThread } from "./thread.js";

/**
 * @typedef {import("../context.js").PageContext} PageContext
 * @typedef {import("../context.js").MountedPage} MountedPage
 * @typedef {import("./conversing.js").ConversingState} ConversingState
 * @typedef {import("../../api/types.js").Message} Message
 * @typedef {{ conversationId: string | null, messageId: string | null }} Place Null for a new conversation, and for its end.
 */

/**
 * Shows the page.
 *
 * @param {HTMLElement} root Where.
 * @param {PageContext} context What it works with.
 * @param {Place} place Which conversation, and which message of it.
 * @returns {MountedPage} How to end it.
 */
export function mountChat(root, context, place) {
  const page = new ChatPage(root, context, place);
  return { unmount: () => page.unmount(), onShortcut: (shortcut) => page.onShortcut(shortcut), commands: () => page.commands() };
}

/** One conversation on the screen. */
class ChatPage {
  #life = new AbortController();
  #context;
  #conversing;
  #thread;
  #scrolling;
  #composer;
  #title;
  #notice = createNotice();
  #welcome;
  #problem = createConversationProblem();
  #flush;
  #drafting;
  #filing;
  #frame;
  #options;
  #telling;
  #isTemporary = false;
  #memo = makeMemo();
  #keepAwake = makeWaking(navigator.wakeLock);
  #outside = new OutsideChanges();

  /**
   * @param {HTMLElement} root Where.
   * @param {PageContext} context What it works with.
   * @param {Place} place Which conversation, and which message of it.
   */
  constructor(root, context, { conversationId, messageId }) {
    const { signal } = this.#life;
    this.#context = context;
    this.#telling = new Telling(context.announcer);
    this.#options = new Options(root, context, () => this.#conversing.state.id, (problem) => this.#notice.show(problem));
    this.#filing = new Filing({
      client: context.client,
      onChange: (chips) => this.#composer?.setFiles(chips),
      onSettled: (chip) => this.#telling.file(chip),
      onProblem: (problem, lead) => this.#notice.show(problem, lead),
    });
    this.#drafting = new Drafting(context.user.id, conversationId);
    this.#conversing = this.#makeConversing(conversationId);
    this.#title = createEditableTitle((title) => void this.#rename(title));
    const box = h("div", { class: "chat-box", tabindex: 0, role: "region", "aria-label": t("chat.region") });
    this.#thread = this.#makeThread(new NearWindow(box, signal));
    this.#composer = this.#makeComposer();
    this.#welcome = createWelcome({ name: context.user.name, onExample: (text) => this.#takeExample(text) });
    const content = h("div", { class: "chat-content" }, this.#welcome.element, this.#problem.element, this.#thread.element);
    this.#scrolling = new Scrolling({ box, content, isFollowing: () => this.#isFollowing(), isGrowing: () => this.#conversing.state.live !== null }, signal);
    this.#flush = makeFlusher(() => this.#draw(), signal);
    this.#frame = this.#makeFrame();
    fill(root, this.#frame.header, box, this.#frame.dock);
    connectDropping(root, { words: limitsInWords(FILE_LIMITS), onFiles: (files) => void this.#filing.add(files) }, signal);
    watchKeyboard(globalThis.visualViewport, signal);
    this.#composer.setText(this.#drafting.text);
    context.history.opened(conversationId);
    this.#watch();
    this.#draw();
    void loadDrawing();
    void this.#open(messageId);
  }

  unmount() {
    this.#life.abort();
    this.#conversing.leave();
    this.#filing.leave();
    this.#keepAwake(false);
    this.#context.showLineLost(false);
  }

  /**
   * @param {import("../../lib/keys.js").Shortcut} shortcut What was pressed.
   * @returns {boolean} Whether it was ours.
   */
  onShortcut(shortcut) {
    if (shortcut === "composer") this.#composer.focus();
    else if (shortcut === "regenerate") this.#retryLast();
    else return false;
    return true;
  }

  /** @returns {import("../context.js").Command[]} What can be done with the conversation. */
  commands() {
    return allCommands(this.#commandNeeds());
  }

  /** @returns {import("./commands.js").CommandNeeds} What commands work with. */
  #commandNeeds() {
    return {
      context: this.#context,
      open: () => ({ ...openIn(this.#conversing.state, this.#context.history.state.items), isTemporary: this.#isTemporary, lastCode: this.#thread.lastCode() }),
      onOptions: () => void this.#options.toggle(),
      onTemporary: (isWanted) => {
        this.#isTemporary = isWanted;
        this.#draw();
        this.#composer.focus();
      },
      onDelete: () => this.#context.removeOpen(),
      onProblem: (problem) => this.#notice.show(problem),
    };
  }

  /** @returns {boolean} Whether the end is kept in sight: of messages, not of the welcome. */
  #isFollowing() {
    return this.#conversing.state.messages.length > 0 && preference("follow") !== "off";
  }

  #makeFrame() {
    const parts = {
      title: this.#title.element,
      commands: () => menuCommands(this.#commandNeeds()),
      above: [this.#scrolling.down, this.#notice.element],
      composer: this.#composer,
      onEngine: (/** @type {import("../../api/types.js").Engine | null} */ engine) => this.#welcome.show(engine),
    };
    return createFrame(this.#context, parts, this.#life.signal);
  }

  /** @param {string | null} conversationId Which. */
  #makeConversing(conversationId) {
    const { chats, history } = this.#context;
    return new Conversing(conversationId, {
      chats,
      nowMs: () => Date.now(),
      wait: (attempt, signal) => pause(delayMs(attempt), signal),
      onChange: () => this.#flush?.(),
      onLine: (isConnected) => {
        if (!this.#life.signal.aborted) this.#context.showLineLost(!isConnected);
      },
      onBegun: (head) => this.#onBegun(head),
      onEnded: (message) => {
        if (!this.#life.signal.aborted) this.#telling.ended(message);
        this.#outside.ownAnswerEnded();
        history.tellTabs();
        void history.refresh();
      },
      onUnsent: (text, problem, files) => this.#onUnsent(text, problem, files),
      onProblem: (problem) => this.#notice.show(problem),
    });
  }

  /** @param {NearWindow} near Draws what the reader comes near to. */
  #makeThread(near) {
    const actions = {
      onOlder: () => void this.#conversing.loadOlder(),
      onResend: (/** @type {Message} */ message, /** @type {string} */ text) => this.#send(text, message.parent_id, message.files),
      onRetry: (/** @type {Message} */ message) => this.#retry(message),
      onContinue: (/** @type {Message} */ message) => this.#ask(() => this.#conversing.goOn(message)),
      onRate: (/** @type {Message} */ message, /** @type {import("../../api/types.js").Rating | null} */ rating) => void this.#conversing.rate(message, rating),
      onVersion: (/** @type {string} */ messageId) => this.#conversing.choose(messageId),
      onDownload: (/** @type {import("../../api/types.js").AttachedFile} */ file) => void this.#filing.download(file),
    };
    return createThread(actions, { showsTokens: this.#context.user.role === "admin" }, near);
  }

  #makeComposer() {
    const actions = {
      onSend: (/** @type {string} */ text) => {
        this.#composer.setText("");
        this.#send(text, this.#lastAnswerId(), this.#filing.take());
      },
      onStop: () => void this.#conversing.stop(),
      onInput: (/** @type {string} */ text) => this.#drafting.keep(text),
      onEditLast: () => this.#thread.editLast(),
      onFiles: (/** @type {File[]} */ files) => void this.#filing.add(files),
      onRemoveFile: (/** @type {string} */ key) => {
        this.#filing.remove(key);
        this.#composer.focus();
      },
    };
    return createComposer(actions, FILE_LIMITS, this.#life.signal);
  }

  /**
   * Loads what there is, shows its end or the message that somebody looked for, and lets the person write.
   *
   * @param {string | null} messageId Which message; null for the end.
   */
  async #open(messageId) {
    await this.#conversing.load();
    if (messageId) await this.#conversing.reveal(messageId);
    if (this.#life.signal.aborted) return;
    this.#draw();
    this.#composer.fit();
    this.#showPlace(messageId ? this.#thread.find(messageId) : null);
    this.#scrolling.whenNearTop(this.#thread.older, () => this.#conversing.loadOlder());
  }

  /** @param {HTMLElement | null} found The message that somebody looked for; null for the end. */
  #showPlace(found) {
    if (found) this.#scrolling.showFound(found);
    else if (this.#conversing.state.messages.length > 0) this.#scrolling.open();
    if (!found && !matchMedia("(any-hover: none)").matches) this.#composer.focus();
  }

  /** Learns what other tabs and devices change in this conversation. */
  #watch() {
    const { history } = this.#context;
    history.subscribe(({ items }) => {
      const { id, live, isLoading } = this.#conversing.state;
      const hasChanged = this.#outside.hasChanged(items.find((conversation) => conversation.id === id));
      if (hasChanged && !live && !isLoading) void this.#conversing.load();
    }, this.#life.signal);
    const ticker = setInterval(() => {
      if (this.#conversing.state.live) this.#flush();
    }, 1000);
    this.#life.signal.addEventListener("abort", () => clearInterval(ticker));
  }

  /**
   * @param {string} text A question.
   * @param {string | null} parentId The answer that it follows.
   * @param {import("../../api/types.js").AttachedFile[]} [files] What goes with it.
   */
  #send(text, parentId, files = []) {
    const extras = { files, options: this.#options.chosen, isTemporary: this.#isTemporary, staysHere: this.#options.staysHere };
    this.#ask(() => this.#conversing.send(text, parentId, extras));
    this.#showQuestion();
  }

  /** @param {Message} message An answer to be written anew. */
  #retry(message) {
    this.#ask(() => this.#conversing.retry(message));
    this.#showQuestion();
  }

  /** @param {() => Promise<void>} act Asks for an answer, if none is being written. */
  #ask(act) {
    if (this.#conversing.state.live) return;
    this.#notice.hide();
    void act();
    this.#draw();
  }

  #retryLast() {
    const { message } = this.#path().at(-1) ?? {};
    if (message?.role === "assistant") this.#retry(message);
  }

  #showQuestion() {
    this.#draw();
    const question = this.#thread.lastQuestion();
    if (question) this.#scrolling.showQuestion(question);
  }

  #path() {
    const { messages, chosen } = this.#conversing.state;
    return pathOf(messages, chosen);
  }

  /** @returns {string | null} The answer that the next question follows. */
  #lastAnswerId() {
    return this.#path().findLast(({ message }) => message.role === "assistant")?.message.id ?? null;
  }

  /** @param {import("../../api/types.js").Head} head The box has taken the question. */
  #onBegun(head) {
    const { history, go } = this.#context;
    const isHere = !this.#life.signal.aborted;
    this.#drafting.keep(isHere ? this.#composer.text : "");
    history.learn({ id: head.conversation_id, title: head.title, writing: true, updated_at: new Date().toISOString() });
    history.tellTabs();
    void history.refresh();
    if (!isHere) return;
    this.#telling.begun();
    if (!this.#drafting.isNew) return;
    this.#drafting.named(head.conversation_id);
    go(`#/chat/${encodeURIComponent(head.conversation_id)}`, { isReplacing: true });
    history.opened(head.conversation_id);
  }

  /**
   * @param {string} text A question that the box has not taken: it goes back to where it was written.
   * @param {import("../../api/types.js").Problem} problem Why.
   * @param {import("../../api/types.js").AttachedFile[]} files What would have gone with it.
   */
  #onUnsent(text, problem, files) {
    this.#drafting.keep([text, this.#composer.text].filter(Boolean).join("\n\n"));
    if (this.#life.signal.aborted) return;
    this.#composer.setText(this.#drafting.text);
    if (files.length > 0) void this.#filing.putBack(files);
    this.#notice.show(problem, t("chat.unsent"));
    this.#draw();
  }

  /** @param {string} title A new title. */
  async #rename(title) {
    const { id } = this.#conversing.state;
    if (id === null) return;
    this.#conversing.retitle(title);
    await this.#context.history.rename(id, title, (problem) => this.#notice.show(problem));
  }

  /** @param {string} text An example: it can be changed before it is sent. */
  #takeExample(text) {
    this.#composer.setText(text);
    this.#drafting.keep(text);
    this.#composer.focus();
  }

  #draw() {
    if (this.#life.signal.aborted) return;
    const { state } = this.#conversing;
    this.#drawMessages(state);
    this.#memo([state.id, state.title, state.problem, state.isLoading, state.messages.length === 0, this.#isTemporary], () => {
      this.#drawTitle(state);
      this.#problem.update(state);
    });
    this.#composer.setAnswering(state.live !== null);
    this.#keepAwake(state.live !== null);
    this.#telling.stage(state.live?.stage ?? null);
    if (!state.live) this.#frame.showUse(this.#path().findLast(({ message }) => message.usage)?.message);
  }

  /** @param {ConversingState} state What to show. */
  #drawMessages(state) {
    const { dataset } = this.#thread.element;
    const oldest = state.messages[0]?.id ?? "";
    const hasGrownAbove = Boolean(dataset["oldest"]) && dataset["oldest"] !== oldest;
    const update = () => this.#thread.update(state, Date.now());
    if (hasGrownAbove) this.#scrolling.keepStill(update);
    else update();
    dataset["oldest"] = oldest;
  }

  /** @param {ConversingState} state What to show. */
  #drawTitle({ id, title, messages, problem }) {
    const isNew = id === null && messages.length === 0;
    const text = isNew ? newTitle(this.#isTemporary) : title || t("chat.untitled");
    this.#title.show(text, id !== null && !problem);
    document.title = `${text} – Nodo`;
    setAttribute(this.#welcome.element, "hidden", !isNew);
  }
}

const newTitle = (/** @type {boolean} */ isTemporary) => (isTemporary ? t("chat.temporary_title") : t("chat.new"));
