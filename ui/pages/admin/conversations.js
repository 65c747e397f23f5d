/** Reading what others have asked, where the owner allows it: only reading, and each time it is written down. */

import { createAnswerText } from "../../components/answer-text.js";
import { createSelect } from "../../components/choices.js";
import { createPanel, createRemark } from "../../components/panel.js";
import { createRecordTable } from "../../components/record-table.js";
import { createSearchField } from "../../components/search-field.js";
import { button, fill, h } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { fromNow, shortMoment } from "../../lib/times.js";
import { showLoaded } from "../loading.js";
import { makeList } from "./lists.js";

/**
 * @typedef {import("./page.js").Part} Part
 * @typedef {import("../../api/types.js").Message} Message
 * @typedef {import("../../api/people-types.js").ReadableConversation} ReadableConversation
 */

// As many as the box tells at once; the names of others are asked for one by one.
const MOST_NAMES = 100;

/**
 * Shows the part: whether it is allowed, the list, or one conversation.
 *
 * @param {HTMLElement} content Where.
 * @param {Part} part What it works with.
 */
export function showConversations(content, part) {
  const id = part.route.path[1];
  const place = h("div", { class: "loaded" });
  const load = () => part.admin.settings(part.signal);
  const draw = (/** @type {import("../../api/people-types.js").BoxSettings} */ { admins_read_conversations: mayRead }) => {
    if (!mayRead) return [createRemark(t("reading.not_allowed"), "calm", h("a", { href: "#/admin/settings" }, t("reading.see_rules")))];
    return [createRemark(t("reading.audited"), "warn"), id ? createOne(part, id) : createAll(part)];
  };
  fill(content, place);
  void showLoaded(place, { load, draw, signal: part.signal });
}

/**
 * @param {Part} part What it works with.
 * @returns {HTMLElement} All conversations.
 */
function createAll(part) {
  const { admin, context, signal } = part;
  const filter = { query: "", user_id: "" };
  const now = new Date();
  const names = makeNames(part);
  const link = (/** @type {ReadableConversation} */ { id, title }) => h("a", { href: `#/admin/conversations/${encodeURIComponent(id)}`, dir: "auto" }, title || t("chat.untitled"));
  const draw = (/** @type {ReadableConversation[]} */ rows) =>
    createRecordTable({
      caption: t("admin.conversations"),
      columns: [
        { name: t("reading.title"), of: link },
        { name: t("users.person"), of: ({ user_id: userId }) => names.node(userId) },
        { name: t("reading.active"), of: ({ updated_at: at }) => fromNow(at, now) },
      ],
      rows,
      idOf: ({ id }) => id,
    });
  const list = makeList({ load: (cursor) => admin.conversations({ ...filter, cursor }, signal), draw, empty: () => t("reading.none"), signal, announcer: context.announcer });
  const change = (/** @type {Partial<typeof filter>} */ changes) => {
    Object.assign(filter, changes);
    list.refresh();
  };
  const search = createSearchField({ label: t("reading.search"), onQuery: (query) => change({ query }) });
  const person = createSelect({ label: t("users.person"), name: "user_id", choices: [{ value: "", label: t("filter.all") }] });
  person.select.addEventListener("change", () => change({ user_id: person.select.value }));
  void names.all().then((people) => person.select.append(...people.map(({ id, name, email }) => h("option", { value: id }, `${name} (${email})`))));
  list.refresh();
  return createPanel(t("reading.everybody"), "", h("div", { class: "filters", role: "search" }, search, person.element), list.element);
}

/**
 * @param {Part} part What it works with.
 * @returns {{ node: (userId: string) => Node, all: () => Promise<import("../../api/people-types.js").Person[]> }} People's names,
 *   asked for once each.
 */
function makeNames({ admin, signal }) {
  // A name that does not come leaves its place empty: the list itself says what is wrong with the box.
  const first = admin.people({ limit: MOST_NAMES }, signal).then(({ items }) => items);
  /** @type {Map<string, Promise<string>>} */
  const asked = new Map();
  const nameOf = async (/** @type {string} */ userId) => {
    const known = (await first).find(({ id }) => id === userId);
    return (known ?? (await admin.person(userId, signal))).name;
  };
  return {
    node: (userId) => {
      const place = h("span", { dir: "auto" });
      const name = asked.get(userId) ?? nameOf(userId).catch(() => "–");
      asked.set(userId, name);
      void name.then((text) => fill(place, text));
      return place;
    },
    all: () => first.catch(() => []),
  };
}

/**
 * @param {Part} part What it works with.
 * @param {string} id Which conversation.
 * @returns {HTMLElement} Its messages.
 */
function createOne({ admin, signal }, id) {
  const place = h("div", { class: "reading" });
  /** @type {Message[]} */
  let messages = [];
  const show = (/** @type {string | null} */ cursor) =>
    void showLoaded(place, {
      load: () => admin.messages(id, { cursor, signal }),
      draw: ({ items, next_cursor: next }) => {
        messages = [...items, ...messages];
        return [next ? button(t("chat.older"), () => show(next)) : null, ...messages.map(messageNode)];
      },
      signal,
    });
  show(null);
  const back = h("p", {}, h("a", { href: "#/admin/conversations" }, t("reading.back")));
  return createPanel(t("reading.messages"), "", back, place);
}

/**
 * @param {Message} message A question or an answer.
 * @returns {Node} It, without anything that could change it.
 */
function messageNode({ role, content, created_at: at, state }) {
  const isQuestion = role === "user";
  const text = createAnswerText();
  text.update(content, false);
  const name = isQuestion ? t("reading.question") : t("reading.answer");
  const when = h("p", { class: "reading-when" }, `${name} · ${shortMoment(at)}`);
  const body = isQuestion ? h("p", { class: "reading-question", dir: "auto" }, content) : text.element;
  return h("article", { class: "reading-message", "data-role": role, "data-state": state, "aria-label": name }, when, body);
}
