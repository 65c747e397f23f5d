import assert from "node:assert/strict";
import { test } from "node:test";

import { Client } from "../../ui/api/client.js";
import { ProblemError, UnreachableError } from "../../ui/api/failures.js";

const json = (body, status = 200) => new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
const signIn = (token, id = "ana") => ({ access_token: token, refresh_token: null, token_type: "bearer", expires_in: 1800, user: { id } });

/** A box that accepts some tokens, and tells what it was asked. */
function makeBox({ accepted, next = "new", refreshStatus = 200 }) {
  const box = { asked: [], nowMs: 0, endings: 0, others: 0, confirmations: 0, isConfirmed: false, willConfirm: true, refreshedAs: "ana", accepted: new Set(accepted) };
  const answer = (path, init) => {
    box.asked.push(path);
    if (path === "/auth/refresh") {
      if (refreshStatus !== 200) return json({ status: refreshStatus, code: "session_ended" }, refreshStatus);
      box.accepted.add(next);
      return json(signIn(next, box.refreshedAs));
    }
    if (path === "/sensitive" && !box.isConfirmed) return json({ status: 403, code: "confirmation_needed" }, 403);
    if (path === "/auth/password") return json({ status: 401, code: "wrong_credentials" }, 401);
    const token = init.headers.Authorization?.replace("Bearer ", "");
    return box.accepted.has(token) ? json({ token }) : json({ status: 401, code: "not_signed_in" }, 401);
  };
  box.client = new Client({
    fetch: async (path, init) => answer(path, init),
    nowMs: () => box.nowMs,
    locks: undefined,
    onSessionEnded: () => {
      box.endings += 1;
    },
    onOtherPerson: () => {
      box.others += 1;
    },
    confirm: async () => {
      box.confirmations += 1;
      await new Promise((resolve) => setImmediate(resolve));
      box.isConfirmed = box.willConfirm;
      return box.willConfirm;
    },
  });
  return box;
}

test("a request carries the token", async () => {
  const box = makeBox({ accepted: ["first"] });
  box.client.signedIn(signIn("first"));

  assert.deepEqual(await box.client.json({ method: "GET", path: "/x" }), { token: "first" });
});

test("many requests with an old token refresh it once and then succeed", async () => {
  const box = makeBox({ accepted: [] });
  box.client.signedIn(signIn("old"));

  const answers = await Promise.all(["/a", "/b", "/c"].map((path) => box.client.json({ method: "GET", path })));

  assert.deepEqual(answers, [{ token: "new" }, { token: "new" }, { token: "new" }]);
  assert.equal(box.asked.filter((path) => path === "/auth/refresh").length, 1);
});

test("a token is renewed before it ends, without a refusal", async () => {
  const box = makeBox({ accepted: ["first"] });
  box.client.signedIn(signIn("first"));
  box.nowMs = 1_750_000;

  await box.client.json({ method: "GET", path: "/x" });

  assert.deepEqual(box.asked, ["/auth/refresh", "/x"]);
});

test("requests wait while the session has ended and go on after a new sign-in", async () => {
  const box = makeBox({ accepted: [], refreshStatus: 401 });
  box.client.signedIn(signIn("old"));
  const waiting = Promise.all([box.client.json({ method: "GET", path: "/a" }), box.client.json({ method: "GET", path: "/b" })]);
  await new Promise((resolve) => setImmediate(resolve));
  box.accepted.add("again");

  box.client.signedIn(signIn("again"));

  assert.deepEqual(await waiting, [{ token: "again" }, { token: "again" }]);
  assert.equal(box.endings, 1);
});

test("what somebody asked is not sent in the name of the next person", async () => {
  const box = makeBox({ accepted: [], refreshStatus: 401 });
  box.client.signedIn(signIn("old"));
  const waiting = box.client.json({ method: "POST", path: "/chat" });
  await new Promise((resolve) => setImmediate(resolve));

  box.client.signedIn(signIn("next", "berta"));

  await assert.rejects(waiting, { name: "AbortError" });
  assert.equal(box.others, 1);
  assert.equal(box.asked.filter((path) => path === "/chat").length, 1);
});

test("a sign-in of somebody else in another tab ends what was asked here", async () => {
  const box = makeBox({ accepted: [] });
  box.client.signedIn(signIn("old"));
  box.refreshedAs = "berta";

  await assert.rejects(box.client.json({ method: "GET", path: "/x" }), { name: "AbortError" });
  assert.equal(box.others, 1);
});

test("signing out ends what was waiting for a sign-in", async () => {
  const box = makeBox({ accepted: [], refreshStatus: 401 });
  box.client.signedIn(signIn("old"));
  const waiting = box.client.json({ method: "GET", path: "/x" });
  await new Promise((resolve) => setImmediate(resolve));

  box.client.signedOut();

  await assert.rejects(waiting, { name: "AbortError" });
});

test("what needs a confirmation is asked for once, and then sent again", async () => {
  const box = makeBox({ accepted: ["first"] });
  box.client.signedIn(signIn("first"));

  const answers = await Promise.all(["/sensitive", "/sensitive"].map((path) => box.client.json({ method: "POST", path })));

  assert.deepEqual(answers, [{ token: "first" }, { token: "first" }]);
  assert.equal(box.confirmations, 1);
});

test("who would rather not confirm has not asked", async () => {
  const box = makeBox({ accepted: ["first"] });
  box.willConfirm = false;
  box.client.signedIn(signIn("first"));

  await assert.rejects(box.client.json({ method: "POST", path: "/sensitive" }), { name: "AbortError" });
  assert.deepEqual(box.asked, ["/sensitive"]);
});

test("a wrong password is no end of the session, and is not tried twice", async () => {
  const box = makeBox({ accepted: ["first"] });
  box.client.signedIn(signIn("first"));

  await assert.rejects(box.client.json({ method: "POST", path: "/auth/password" }), (error) => error.problem.code === "wrong_credentials");
  assert.deepEqual(box.asked, ["/auth/password"]);
});

test("a refusal is a problem with the code of the box", async () => {
  const client = new Client({ fetch: async () => json({ status: 409, code: "conflict" }, 409), nowMs: () => 0, locks: undefined, onSessionEnded: () => {}, onOtherPerson: () => {} });

  await assert.rejects(client.json({ method: "GET", path: "/x" }), (error) => error instanceof ProblemError && error.problem.code === "conflict");
});

test("a broken line is a box that cannot be reached", async () => {
  const fail = async () => {
    throw new TypeError("Failed to fetch");
  };
  const client = new Client({ fetch: fail, nowMs: () => 0, locks: undefined, onSessionEnded: () => {}, onOtherPerson: () => {} });

  await assert.rejects(client.json({ method: "GET", path: "/x" }), UnreachableError);
});

test("an answer without a body is none", async () => {
  const client = new Client({ fetch: async () => new Response(null, { status: 202 }), nowMs: () => 0, locks: undefined, onSessionEnded: () => {}, onOtherPerson: () => {} });

  assert.equal(await client.json({ method: "POST", path: "/x" }), undefined);
});

test("a request that is refused while somebody else waits for the person waits too", async () => {
  const box = makeBox({ accepted: [], refreshStatus: 401 });
  box.client.signedIn(signIn("old"));
  const line = box.client.authorization({ isRefused: true });
  const asking = box.client.json({ method: "GET", path: "/a" });
  await new Promise((resolve) => setImmediate(resolve));

  box.accepted.add("again");
  box.client.signedIn(signIn("again"));

  assert.equal(await line, "Bearer again");
  assert.deepEqual(await asking, { token: "again" });
  assert.equal(box.endings, 1);
});
