/** The live channel of a signed-in tab: who hears it, when it sleeps, what it shows in the tab's title. */

import { Live } from "../api/live.js";
import { delayMs, pause } from "../lib/backoff.js";
import { watchSleep } from "../lib/sleeping.js";

/**
 * @typedef {object} Hearers
 * @property {import("../api/client.js").Client} client Signs the connection.
 * @property {import("../api/history.js").History} history The list of conversations.
 * @property {import("../api/engine-watch.js").EngineWatch} engineWatch What the engine is doing.
 */

/**
 * Opens the live channel and keeps everything up to date by it; without it, by asking.
 *
 * @param {Hearers} hearers Who hears it.
 * @param {AbortSignal} signal Ends it.
 * @returns {Live} The channel.
 */
export function goLive({ client, history, engineWatch }, signal) {
  const look = () => {
    if (document.hidden) return;
    history.seen();
    if (live.isOpen) {
      live.check();
      return;
    }
    void history.refresh();
    void engineWatch.refresh();
  };
  const sleep = { isBusy: () => history.state.items.some(({ writing }) => writing), onSleep: () => live.sleep(), onWake: look };
  const whenAwake = watchSleep(document, sleep, signal);
  const live = new Live({
    connect: () => new WebSocket(address()),
    authorization: (last) => client.authorization(last),
    // Many tabs lose a box that starts anew at the same moment.
    wait: (attempt, life) => pause(delayMs(attempt) * (0.5 + Math.random()), life),
    whenAwake,
  }, signal);
  globalThis.addEventListener("online", look, { signal });
  history.hearFrom(live);
  engineWatch.hearFrom(live);
  showUnread(history, signal);
  look();
  void live.run();
  return live;
}

/** @returns {string} Where the channel is. */
function address() {
  const url = new URL("/ws", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/**
 * Shows in the tab's title how many answers nobody has looked at, whatever title a page gives it.
 *
 * @param {import("../api/history.js").History} history Knows them.
 * @param {AbortSignal} signal Ends it.
 */
function showUnread(history, signal) {
  let count = 0;
  const draw = () => {
    const title = document.title.replace(/^\(\d+\) /u, "");
    const wanted = count > 0 ? `(${count}) ${title}` : title;
    if (document.title !== wanted) document.title = wanted;
  };
  const watch = new MutationObserver(draw);
  const element = document.querySelector("title");
  if (element) watch.observe(element, { childList: true });
  history.subscribe(({ unread }) => {
    count = unread.size;
    draw();
  }, signal);
  signal.addEventListener("abort", () => {
    watch.disconnect();
    count = 0;
    draw();
  });
}
