import assert from "node:assert/strict";
import { test } from "node:test";

import { ProblemError, UnreachableError } from "../../ui/api/failures.js";
import { follow } from "../../ui/api/following.js";

const event = (id, name, data) => `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const HEAD = event(1, "conversation", { conversation_id: "c", title: "", message_id: "m", question_id: "q" });
const DONE = event(9, "done", { finish_reason: "stop" });
const never = () => new UnreachableError("no line");

/** A response with these pieces, which then ends or breaks. */
function response(pieces, { breaks = false } = {}) {
  const bytes = pieces.map((piece) => new TextEncoder().encode(piece));
  const body = new ReadableStream({
    pull(controller) {
      const next = bytes.shift();
      if (next) controller.enqueue(next);
      else if (breaks) controller.error(new TypeError("network error"));
      else controller.close();
    },
  });
  return new Response(body);
}

/** Follows with streams in this order; an error in their place is thrown. */
async function followed(opens, reopens = [], more = {}) {
  const told = { events: [], lines: [], reopened: [] };
  const take = (list) => {
    const next = list.shift();
    if (next instanceof Error) throw next;
    return next;
  };
  await follow({
    open: async () => take(opens),
    reopen: async (messageId, lastEventId) => {
      told.reopened.push([messageId, lastEventId]);
      return take(reopens);
    },
    onEvent: ({ id, event: name }) => told.events.push(`${id} ${name}`),
    onLine: (isConnected) => told.lines.push(isConnected),
    wait: async () => {},
    signal: new AbortController().signal,
    ...more,
  });
  return told;
}

test("events are told in order, however the bytes are cut", async () => {
  const whole = HEAD + event(2, "token", { text: "ñandú" }) + ": beat\n\n" + DONE;
  const bytes = new TextEncoder().encode(whole);
  const cut = [bytes.slice(0, 97), bytes.slice(97, 150), bytes.slice(150)];
  const body = new ReadableStream({
    start(controller) {
      for (const piece of cut) controller.enqueue(piece);
      controller.close();
    },
  });

  const told = await followed([new Response(body)]);

  assert.deepEqual(told.events, ["1 conversation", "2 token", "9 done"]);
  assert.deepEqual(told.lines, []);
});

test("a broken line is taken up after the last event", async () => {
  const told = await followed([response([HEAD, event(5, "token", { text: "a" })], { breaks: true })], [never(), response([DONE])]);

  assert.deepEqual(told.reopened, [["m", "5"], ["m", "5"]]);
  assert.deepEqual(told.events, ["1 conversation", "5 token", "9 done"]);
  assert.deepEqual(told.lines, [false, true]);
});

test("a stream that ends without an end is taken up again", async () => {
  const told = await followed([response([HEAD])], [response([DONE])]);

  assert.deepEqual(told.events, ["1 conversation", "9 done"]);
});

test("a line that breaks before the answer is known leaves the question open", async () => {
  await assert.rejects(followed([response([], { breaks: true })]), UnreachableError);
});

test("an answer that is known is taken up even if the first try fails", async () => {
  const told = await followed([never()], [response([DONE])], { messageId: "m" });

  assert.deepEqual(told.reopened, [["m", ""]]);
  assert.deepEqual(told.events, ["9 done"]);
});

test("a refusal ends the following", async () => {
  const refusal = new ProblemError({ status: 404, code: "not_found" });

  await assert.rejects(followed([response([HEAD], { breaks: true })], [refusal]), ProblemError);
});

test("a sign-in that ends in mid-answer is not the end of the answer", async () => {
  const ended = `event: error\ndata: ${JSON.stringify({ code: "session_ended", status: 401 })}\n\n`;

  const told = await followed([response([HEAD, event(5, "token", { text: "a" }), ended])], [response([DONE])]);

  assert.deepEqual(told.reopened, [["m", "5"]]);
  assert.deepEqual(told.events, ["1 conversation", "5 token", "9 done"]);
});
