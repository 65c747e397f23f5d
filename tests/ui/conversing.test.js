import assert from "node:assert/strict";
import { test } from "node:test";

import { ProblemError, UnreachableError } from "../../ui/api/failures.js";
import { Conversing } from "../../ui/pages/chat/conversing.js";

const NOW_MS = Date.parse("2026-03-02T09:00:00Z");
// How much text the reader has then, and the number of the last change (docs/decisions/0005-event-ids.md).
const at = (characters, change) => characters * 2 ** 20 + change;
const event = (id, name, data) => `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const head = event(at(0, 1), "conversation", { conversation_id: "c", title: "Hello", message_id: "a1", question_id: "q1" });
const end = (text) => event(at(text.length, 2 ** 20 - 1), "done", { finish_reason: "stop", usage: null, timings: null, model: "demo" });
/** Tokens as they come in an answer that begins with `SAID`. */
const SAID = { "So ": 3, far: 6, So: 2, " far": 6, " so good": 14 };
const token = (text) => event(at(SAID[text], 1), "token", { text });
const question = { id: "q1", conversation_id: "c", parent_id: null, role: "user", content: "Hi", state: "done", created_at: "2026-03-02T09:00:00Z" };
const answer = { ...question, id: "a1", parent_id: "q1", role: "assistant", content: "So f", state: "writing" };

/** A conversation with a scripted box; `chats` overrides what it answers. */
function begin(id, chats) {
  const told = { begun: [], ended: [], unsent: [], problems: [], lines: [] };
  const conversing = new Conversing(id, {
    chats: {
      find: async () => ({ id: "c", title: "Hello", created_at: question.created_at }),
      messages: async () => ({ items: [], next_cursor: null }),
      list: async () => ({ items: [] }),
      stop: async (messageId) => told.begun.push(`stopped ${messageId}`),
      ...chats,
    },
    nowMs: () => NOW_MS,
    wait: async () => {},
    onChange: () => {},
    onLine: (isConnected) => told.lines.push(isConnected),
    onBegun: ({ message_id: messageId }) => told.begun.push(messageId),
    onEnded: (message) => told.ended.push(message),
    onUnsent: (text, problem) => told.unsent.push([text, problem.code]),
    onProblem: (problem) => told.problems.push(problem.code),
  });
  return { conversing, told };
}

const texts = ({ state }) => state.messages.map(({ id, content, state: how }) => [id, content, how]);

test("a question and its answer get their names and texts from the stream", async () => {
  const { conversing, told } = begin(null, { send: async () => new Response(head + token("So ") + token("far") + end("So far")) });

  await conversing.send("Hi", null);

  assert.deepEqual(texts(conversing), [["q1", "Hi", "done"], ["a1", "So far", "done"]]);
  assert.equal(conversing.state.id, "c");
  assert.equal(conversing.state.live, null);
  assert.deepEqual(told.begun, ["a1"]);
});

test("an answer that is being written is taken up from its beginning without losing what was saved", async () => {
  const seen = [];
  const chats = {
    messages: async () => ({ items: [question, answer], next_cursor: null }),
    events: async (messageId, lastEventId) => {
      seen.push([messageId, lastEventId]);
      return new Response(head + token("So") + token(" far") + end("So far"));
    },
  };
  const { conversing, told } = begin("c", chats);

  await conversing.load();
  while (told.ended.length === 0) await new Promise((resolve) => setImmediate(resolve));

  assert.deepEqual(seen, [["a1", ""]]);
  assert.deepEqual(texts(conversing), [["q1", "Hi", "done"], ["a1", "So far", "done"]]);
  assert.deepEqual(told.begun, []);
});

test("a question that was refused goes back to where it was written", async () => {
  const refuse = async () => {
    throw new UnreachableError("offline");
  };
  const { conversing, told } = begin(null, { send: refuse });

  await conversing.send("Hi", null);

  assert.deepEqual(told.unsent, [["Hi", "unreachable"]]);
  assert.deepEqual(told.lines, [false, true]);
  assert.deepEqual(conversing.state.messages, []);
});

test("a question that arrived although its answer never began is not asked twice", async () => {
  const chats = {
    send: async () => new Response(""),
    list: async () => ({ items: [{ id: "c", created_at: "2026-03-02T09:00:01Z" }] }),
    messages: async () => ({ items: [question, { ...answer, content: "So far", state: "done" }], next_cursor: null }),
  };
  const { conversing, told } = begin(null, chats);

  await conversing.send("Hi", null);

  assert.deepEqual(told.unsent, []);
  assert.deepEqual(told.begun, ["a1"]);
  assert.deepEqual(texts(conversing), [["q1", "Hi", "done"], ["a1", "So far", "done"]]);
});

test("an old conversation with the same first question is not taken for the new one", async () => {
  const chats = {
    send: async () => new Response(""),
    list: async () => ({ items: [{ id: "c", created_at: "2026-03-01T09:00:00Z" }] }),
    messages: async () => ({ items: [question], next_cursor: null }),
  };
  const { conversing, told } = begin(null, chats);

  await conversing.send("Hi", null);

  assert.deepEqual(told.unsent, [["Hi", "unreachable"]]);
});

test("a stop before the answer has a name reaches the box once it has one", async () => {
  let release = () => {};
  const held = new Promise((resolve) => {
    release = resolve;
  });
  const { conversing, told } = begin(null, { send: () => held.then(() => new Response(head + end(""))) });
  const sending = conversing.send("Hi", null);

  await conversing.stop();
  release();
  await sending;

  assert.deepEqual(told.begun, ["a1", "stopped a1"]);
});

test("an answer that was cut goes on behind the text that it has", async () => {
  const cut = { ...answer, content: "So far", state: "stopped", finish_reason: "cancelled" };
  const chats = {
    messages: async () => ({ items: [question, cut], next_cursor: null }),
    goOn: async () => new Response(event(at(6, 2), "conversation", { conversation_id: "c", title: "Hello", message_id: "a1", question_id: "q1" }) + token(" so good") + end("So far so good")),
  };
  const { conversing, told } = begin("c", chats);
  await conversing.load();

  await conversing.goOn(cut);

  assert.deepEqual(texts(conversing), [["q1", "Hi", "done"], ["a1", "So far so good", "done"]]);
  assert.deepEqual(told.problems, []);
});

test("an answer that cannot go on stays as the box has it, and the reason is told", async () => {
  const cut = { ...answer, content: "So far", state: "stopped" };
  const chats = {
    messages: async () => ({ items: [question, cut], next_cursor: null }),
    goOn: async () => {
      throw new ProblemError({ status: 409, code: "not_continuable" });
    },
  };
  const { conversing, told } = begin("c", chats);
  await conversing.load();

  await conversing.goOn(cut);

  assert.deepEqual(texts(conversing), [["q1", "Hi", "done"], ["a1", "So far", "stopped"]]);
  assert.deepEqual(told.problems, ["not_continuable"]);
});

test("a rating that the box does not take is taken back", async () => {
  const done = { ...answer, state: "done", feedback: "up" };
  const refuse = async () => {
    throw new UnreachableError("offline");
  };
  const { conversing } = begin("c", { messages: async () => ({ items: [question, done], next_cursor: null }), rate: refuse });
  await conversing.load();

  await conversing.rate(done, "down");

  assert.equal(conversing.state.messages[1].feedback, "up");
});

test("a message far above is loaded, and the versions that lead to it are chosen", async () => {
  const old = [{ ...question, id: "q0" }, { ...answer, id: "a0", parent_id: "q0", state: "done" }];
  const pages = { newest: { items: [{ ...question, id: "q9" }], next_cursor: "older" }, older: { items: old, next_cursor: null } };
  const { conversing } = begin("c", { messages: async (_id, { cursor = "newest" }) => pages[cursor ?? "newest"] });
  await conversing.load();

  assert.equal(await conversing.reveal("a0"), true);

  assert.equal(conversing.state.chosen.get(""), "q0");
  assert.equal(await conversing.reveal("nowhere"), false);
});
