import assert from "node:assert/strict";
import { test } from "node:test";

import { ProblemError } from "../../ui/api/failures.js";
import { Attaching } from "../../ui/pages/chat/attaching.js";

const known = { id: "f1", name: "plan.pdf", media_type: "application/pdf", size_bytes: 10, state: "extracting", pages: 2, pages_done: 0, tokens: null };
const turn = () => new Promise((resolve) => {
  setImmediate(resolve);
});

/** Files of a composer, with a scripted box. */
function begin(files = {}) {
  const told = { words: [], settled: [], refused: [], removed: [] };
  const attaching = new Attaching({
    files: { send: async () => known, find: async () => ({ ...known, state: "ready", pages_done: 2, tokens: 40 }), remove: async (id) => told.removed.push(id), ...files },
    wait: async () => {},
    onChange: (chips) => told.words.push(chips.map(({ phase, sentBytes, pagesDone }) => [phase, sentBytes, pagesDone])),
    onSettled: ({ phase }) => told.settled.push(phase),
    onRefused: (code, name) => told.refused.push([code, name]),
  });
  return { attaching, told };
}

test("a file is sent, read page by page, and goes with the question once it is ready", async () => {
  const send = async (_file, { onProgress }) => {
    onProgress(5);
    return known;
  };
  const { attaching, told } = begin({ send });

  attaching.add([{ name: "plan.pdf", size: 10 }]);
  assert.equal(attaching.isReady, false);
  while (told.settled.length === 0) await turn();

  assert.deepEqual(told.words, [[["sending", 0, 0]], [["sending", 5, 0]], [["extracting", 5, 0]], [["ready", 5, 2]]]);
  assert.equal(attaching.isReady, true);
  assert.deepEqual(attaching.take().map(({ id }) => id), ["f1"]);
  assert.deepEqual(attaching.take(), []);
});

test("what is too large, empty or too much is not sent at all", () => {
  const { attaching, told } = begin({ send: () => new Promise(() => {}) });

  attaching.add([{ name: "film.pdf", size: 25_000_001 }, { name: "empty.txt", size: 0 }]);
  attaching.add(Array.from({ length: 11 }, (_, n) => ({ name: `${n}.txt`, size: 1 })));

  assert.deepEqual(told.refused, [["file_too_large", "film.pdf"], ["file_empty", "empty.txt"], ["files_too_many", "10.txt"]]);
});

test("a file that the box refuses stays, with the reason, and nothing can be asked with it", async () => {
  const { attaching, told } = begin({
    send: async () => {
      throw new ProblemError({ status: 415, code: "file_type_refused" });
    },
  });

  attaching.add([{ name: "song.mp3", size: 10 }]);
  while (told.settled.length === 0) await turn();

  assert.deepEqual(told.settled, ["failed"]);
  assert.equal(attaching.isReady, false);
});

test("a file that is taken out stops, and the box forgets it", async () => {
  const { attaching, told } = begin();
  attaching.add([{ name: "plan.pdf", size: 10 }]);
  while (told.settled.length === 0) await turn();

  attaching.remove("file-1");

  assert.deepEqual(told.removed, ["f1"]);
  assert.deepEqual(told.words.at(-1), []);
});

test("files of a question that was not taken come back", async () => {
  const { attaching, told } = begin();

  attaching.putBack([{ ...known, state: "ready", tokens: 40 }]);

  assert.deepEqual(told.words.at(-1), [["ready", 0, 0]]);
  assert.deepEqual(attaching.take().map(({ id }) => id), ["f1"]);
});
