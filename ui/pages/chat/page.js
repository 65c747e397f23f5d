/** The chat: header, messages, composer. */

import { pause, delayMs } from "../../lib/backoff.js";
import { loadDrawing } from "../../components/answer-text.js";
import { createEditableTitle } from "../../components/editable-title.js";
import { createEngineStatus } from "../../components/engine-status.js";
import { createComposer } from "../../components/composer.js";
import { createWelcome } from "../../components/welcome.js";
import { createEngineNotice, createNotice } from "../../components/notices.js";
import { fill, h, setAttribute } from "../../lib/elements.js";
import { makeFlusher } from "../../lib/flushing.js";
import { pathOf } from "../../lib/branches.js";
import { makeMemo } from "../../lib/memo.js";
import { wordsFor } from "../../lib/problems.js";
import { stageWords } from "../../lib/stages.js";
import { draft, preference, setDraft } from "../../lib/storage.js";
import { t } from "../../lib/texts.js";
import { makeWaking } from "../../lib/waking.js";
import { Conversing } from "./conversing.js";
import { OutsideChanges } from "./outside-changes.js";
import { Scrolling } from "./scrolling.js";
import { createThread } from "./thread.js";

/**
 * @typedef {import("../context.js").PageContext} PageContext
 * @typedef {import("../context.js").MountedPage} MountedPage
 * @typedef {import("./conversing.js").ConversingState} ConversingState
 * @typedef {import("../../api/types.js").Message} Message
 */

/**
 * Shows the page.
 *
 * @param {HTMLElement} root Where.
 * @param {PageContext} context What it works with.
 * @param {string | null} conversationId Which conversation; null for a new one.
 * @returns {MountedPage} How to end it.
 */
export function mountChat(root, context, conversationId) {
  const page = new ChatPage(root, context, conversationId);
  return { unmount: () => page.unmount(), onShortcut: (shortcut) => page.onShortcut(shortcut) };
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
  #problem = h("div", { class: "chat-problem", hidden: true });
  #flush;
  #draftId;
  #lastStage = "";
  #memo = makeMemo();
  #keepAwake = makeWaking(navigator.wakeLock);
  #outside = new OutsideChanges();

  /**
   * @param {HTMLElement} root Where.
   * @param {PageContext} context What it works with.
   * @param {string | null} conversationId Which conversation; null for a new one.
   */
  constructor(root, context, conversationId) {
    const { signal } = this.#life;
    this.#context = context;
    this.#draftId = conversationId ?? "new";
    this.#conversing = this.#makeConversing(conversationId);
    this.#title = createEditableTitle((title) => void this.#rename(title));
    this.#thread = this.#makeThread();
    this.#composer = this.#makeComposer();
    this.#welcome = createWelcome({ name: context.user.name, onExample: (text) => this.#takeExample(text) });
    const box = h("div", { class: "chat-box", tabindex: 0, role: "region", "aria-label": t("chat.region") });
    const content = h("div", { class: "chat-content" }, this.#welcome.element, this.#problem, this.#thread.element);
    this.#scrolling = new Scrolling({ box, content, isFollowing: () => this.#isFollowing() }, signal);
    this.#flush = makeFlusher(() => this.#draw(), signal);
    fill(root, ...this.#layout(box));
    this.#composer.setText(draft(context.user.id, this.#draftId));
    context.history.opened(conversationId);
    this.#watch();
    this.#draw();
    void loadDrawing();
    void this.#open();
  }

  unmount() {
    this.#life.abort();
    this.#conversing.leave();
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

  /** @returns {boolean} Whether the end is kept in sight: of messages, not of the welcome. */
  #isFollowing() {
    return this.#conversing.state.messages.length > 0 && preference("follow") !== "off";
  }

  /**
   * @param {HTMLElement} box The scrolling part.
   * @returns {HTMLElement[]} The whole page.
   */
  #layout(box) {
    const { signal } = this.#life;
    const status = createEngineStatus();
    const engineNotice = createEngineNotice(() => this.#context.go("#/models"));
    this.#context.engineWatch.subscribe((engine) => {
      status.show(engine);
      engineNotice.show(engine);
      this.#welcome.show(engine);
    }, signal);
    const header = h("header", { class: "page-header" }, this.#context.makeSidebarButton(), this.#title.element, status.element);
    const hint = h("p", { class: "chat-hint" }, t("chat.hint"));
    const dock = h("div", { class: "chat-dock" }, this.#scrolling.down, engineNotice.element, this.#notice.element, this.#composer.element, this.#composer.count, hint);
    return [header, box, dock];
  }

  /** @param {string | null} conversationId Which. */
  #makeConversing(conversationId) {
    const { chats, history, announcer } = this.#context;
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
        if (!this.#life.signal.aborted) announcer.say(endWords(message));
        this.#outside.ownAnswerEnded();
        history.tellTabs();
        void history.refresh();
      },
      onUnsent: (text, problem) => this.#onUnsent(text, problem),
      onProblem: (problem) => this.#notice.show(problem),
    });
  }

  #makeThread() {
    return createThread({
      onOlder: () => void this.#conversing.loadOlder(),
      onResend: (message, text) => this.#send(text, message.parent_id),
      onRetry: (message) => this.#retry(message),
      onContinue: () => this.#send(t("answer.continue_message"), this.#lastAnswerId()),
      onVersion: (messageId) => this.#conversing.choose(messageId),
    });
  }

  #makeComposer() {
    return createComposer({
      onSend: (text) => {
        this.#composer.setText("");
        this.#send(text, this.#lastAnswerId());
      },
      onStop: () => void this.#conversing.stop(),
      onInput: (text) => setDraft(this.#context.user.id, this.#draftId, text),
      onEditLast: () => this.#thread.editLast(),
    });
  }

  /** Loads what there is, shows its end, and lets the person write. */
  async #open() {
    await this.#conversing.load();
    if (this.#life.signal.aborted) return;
    this.#draw();
    if (this.#conversing.state.messages.length > 0) this.#scrolling.open();
    this.#composer.fit();
    if (!matchMedia("(any-hover: none)").matches) this.#composer.focus();
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
   */
  #send(text, parentId) {
    if (this.#conversing.state.live) return;
    this.#notice.hide();
    void this.#conversing.send(text, parentId);
    this.#showQuestion();
  }

  /** @param {Message} message An answer to be written anew. */
  #retry(message) {
    if (this.#conversing.state.live) return;
    this.#notice.hide();
    void this.#conversing.retry(message);
    this.#showQuestion();
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
    const { user, history, announcer, go } = this.#context;
    const isHere = !this.#life.signal.aborted;
    setDraft(user.id, this.#draftId, isHere ? this.#composer.text : "");
    history.learn({ id: head.conversation_id, title: head.title, writing: true, updated_at: new Date().toISOString() });
    history.tellTabs();
    void history.refresh();
    if (!isHere) return;
    announcer.say(t("announce.started"));
    if (this.#draftId !== "new") return;
    setDraft(user.id, "new", "");
    this.#draftId = head.conversation_id;
    setDraft(user.id, this.#draftId, this.#composer.text);
    go(`#/chat/${encodeURIComponent(head.conversation_id)}`, { isReplacing: true });
    history.opened(head.conversation_id);
  }

  /**
   * @param {string} text A question that the box has not taken: it goes back to where it was written.
   * @param {import("../../api/types.js").Problem} problem Why.
   */
  #onUnsent(text, problem) {
    const { user } = this.#context;
    const both = [text, this.#composer.text].filter(Boolean).join("\n\n");
    setDraft(user.id, this.#draftId, both);
    if (this.#life.signal.aborted) return;
    this.#composer.setText(both);
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
    setDraft(this.#context.user.id, this.#draftId, text);
    this.#composer.focus();
  }

  #draw() {
    if (this.#life.signal.aborted) return;
    const { state } = this.#conversing;
    this.#drawMessages(state);
    const isEmpty = state.messages.length === 0;
    this.#memo([state.id, state.title, state.problem, state.isLoading, isEmpty], () => {
      this.#drawTitle(state);
      this.#drawProblem(state);
    });
    this.#composer.setAnswering(state.live !== null);
    this.#keepAwake(state.live !== null);
    this.#sayStage(state);
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
    const text = isNew ? t("chat.new") : title || t("chat.untitled");
    this.#title.show(text, id !== null && !problem);
    document.title = `${text} – Nodo`;
    setAttribute(this.#welcome.element, "hidden", !isNew);
  }

  /** @param {ConversingState} state Why it cannot be shown, if so. */
  #drawProblem({ problem, isLoading, messages, id }) {
    const words = problem ? wordsFor(problem) : null;
    const isBare = !words && !isLoading && messages.length === 0 && id !== null;
    setAttribute(this.#problem, "hidden", !words && !isBare);
    const lines = words ? [words.what, words.hint] : [t("chat.empty")];
    fill(this.#problem, ...lines.filter(Boolean).map((line) => h("p", {}, line)));
  }

  /** @param {ConversingState} state What is going on. */
  #sayStage({ live }) {
    const stage = live?.stage ?? null;
    if (!stage || stage.stage === "writing") return;
    const words = stageWords(stage);
    if (words !== this.#lastStage) this.#context.announcer.sayStage(words);
    this.#lastStage = words;
  }
}

/**
 * @param {Message | undefined} message An answer that has ended.
 * @returns {string} How.
 */
function endWords(message) {
  if (message?.state === "failed") return t("announce.failed");
  return message?.state === "stopped" ? t("announce.stopped") : t("announce.complete");
}
