/** Where the interface begins: who is there, and what to show them. */

import { makeAccounts } from "../api/accounts.js";
import { makeChats } from "../api/chats.js";
import { Client } from "../api/client.js";
import { EngineWatch } from "../api/engine-watch.js";
import { makeEngine } from "../api/engine.js";
import { problemIn } from "../api/failures.js";
import { Habits } from "../api/habits.js";
import { History } from "../api/history.js";
import { fill, h } from "../lib/elements.js";
import { loadGateTexts } from "../lib/more-texts.js";
import { forgetDrafts, preference, setPreference } from "../lib/storage.js";
import { language, t } from "../lib/texts.js";
import { chosenTheme, setTheme } from "../lib/theme.js";
import { firstLanguage, setLanguage } from "./appearance.js";
import { gateFor } from "./gate-loading.js";
import { goLive } from "./going-live.js";
import { gateOf, routeOf, takeSetupCode } from "./router.js";
import { Shell } from "./shell.js";

/**
 * @typedef {import("../api/types.js").User} User
 * @typedef {import("../lib/texts.js").Language} Language
 * @typedef {import("../pages/context.js").Route} Route
 */

const RETRY_MS = 2000;

/** The interface of one tab. */
class App {
  #root;
  #client = new Client({
    fetch: (input, init) => fetch(input, init),
    nowMs: () => performance.now(),
    locks: globalThis.isSecureContext ? navigator.locks : undefined,
    onSessionEnded: (problem) => void this.#askAgain(problem),
    confirm: () => this.#askToConfirm(),
    onOtherPerson: () => this.#beginAgain(),
  });
  #accounts = makeAccounts(this.#client);
  #setupValues = { code: takeSetupCode(), name: "", email: "", password: "" };
  /** @type {User | null} */
  #user = null;
  /** @type {Shell | null} */
  #shell = null;
  #life = new AbortController();
  /** @type {Route | null} */
  #gate = null;

  /** @param {HTMLElement} root Where. */
  constructor(root) {
    this.#root = root;
    globalThis.addEventListener("hashchange", () => void this.#onAddress());
  }

  /** Finds out whether the box has an owner and whether somebody is signed in. */
  async start() {
    try {
      const { needed } = await this.#accounts.setupState();
      if (needed) await this.#showSetup();
      else await this.#resume();
    } catch (error) {
      this.#showUnreachable(error);
    }
  }

  async #resume() {
    if (gateOf(routeOf(location.hash))) {
      await this.#showGate();
      return;
    }
    // Without a sign-in before there is no cookie: asking would only be refused.
    if (preference("was-signed-in") === null) {
      await this.#showGate();
      return;
    }
    try {
      await this.#enter(await this.#accounts.resume());
    } catch (error) {
      if (problemIn(error).status !== 401) throw error;
      setPreference("was-signed-in", null);
      await this.#showGate();
    }
  }

  /** @param {User} user Who has signed in. */
  async #enter(user) {
    this.#user = user;
    this.#gate = null;
    setPreference("was-signed-in", "yes");
    setPreference("language", user.language);
    this.#setupValues.password = "";
    new Habits(this.#accounts, user).takeOver();
    if (user.language !== language()) await setLanguage(user.language);
    this.#showShell(user);
  }

  /** @param {User} user Who is signed in. */
  #showShell(user) {
    this.#endShell();
    this.#life = new AbortController();
    const { signal } = this.#life;
    const tabs = new BroadcastChannel("nodo-history");
    signal.addEventListener("abort", () => tabs.close());
    const chats = makeChats(this.#client);
    const engine = makeEngine(this.#client);
    const [history, engineWatch] = [new History(chats, tabs, signal), new EngineWatch(engine, signal)];
    const onLanguage = (/** @type {Language} */ wanted) => void this.#changeLanguage(user, wanted);
    const live = goLive({ client: this.#client, history, engineWatch }, signal);
    this.#shell = new Shell(this.#root, { user, client: this.#client, chats, engine, engineWatch, history, live, onLanguage, onLeave: () => void this.#leave() });
  }

  async #showSetup() {
    await loadGateTexts();
    const { mountSetup } = await import("../pages/setup/page.js");
    const onEntered = (/** @type {User} */ user) => void this.#enter(user);
    const onLanguage = (/** @type {Language} */ wanted) => void this.#changeGate(wanted, () => void this.#showSetup());
    mountSetup(this.#root, { client: this.#client, accounts: this.#accounts, values: this.#setupValues, onEntered, onDone: () => void this.#showGate(), onLanguage });
  }

  async #showGate() {
    const route = routeOf(location.hash);
    this.#gate = route;
    const mount = await gateFor(gateOf(route));
    if (this.#gate !== route) return;
    const show = () =>
      mount(this.#root, {
        client: this.#client,
        accounts: this.#accounts,
        route,
        onEntered: (user) => void this.#enterByGate(user),
        onLanguage: (wanted) => void this.#changeGate(wanted, show),
      });
    show();
  }

  /** @param {User} user Who has come in. */
  async #enterByGate(user) {
    leaveGateAddress();
    await this.#enter(user);
  }

  /** The address has changed: from the pages to a gate, from one gate to another, or back. */
  async #onAddress() {
    const isAtGate = gateOf(routeOf(location.hash)) !== null;
    if (this.#shell && isAtGate) {
      this.#endShell();
      await this.#showGate();
    } else if (this.#gate && (isAtGate || gateOf(this.#gate))) {
      await this.start();
    }
  }

  #endShell() {
    this.#shell?.unmount();
    this.#shell = null;
    this.#life.abort();
  }

  /** Somebody else is signed in now: nothing of the person before stays in this tab. */
  #beginAgain() {
    leaveGateAddress();
    location.reload();
  }

  /**
   * @param {Language} wanted The chosen language.
   * @param {() => void} show Shows the page again.
   */
  async #changeGate(wanted, show) {
    setPreference("language", wanted);
    await setLanguage(wanted);
    await loadGateTexts();
    show();
  }

  /**
   * @param {User} user Who is signed in.
   * @param {Language} wanted The chosen language.
   */
  async #changeLanguage(user, wanted) {
    const changed = { ...user, language: wanted };
    this.#user = changed;
    setPreference("language", wanted);
    await setLanguage(wanted);
    this.#showShell(changed);
    // The page has changed already; a box that cannot be reached learns it with the next choice.
    await this.#accounts.change({ language: wanted }).catch(problemIn);
  }

  async #leave() {
    this.#endShell();
    forgetDrafts();
    setPreference("was-signed-in", null);
    // Without the box the cookie stays, but this browser does not use it any more.
    await this.#accounts.logOut().catch(problemIn);
    this.#client.signedOut();
    location.hash = "";
    await this.#showGate();
  }

  /**
   * The session has ended: a dialog over the page, so that nothing that was written is lost.
   *
   * @param {import("../api/types.js").Problem} problem What the box says of it.
   */
  async #askAgain(problem) {
    const user = this.#user;
    if (!user) return;
    await loadGateTexts();
    const { openLogin } = await import("../pages/login/dialog.js");
    openLogin({ accounts: this.#accounts, email: user.email, problem, onOther: () => this.#leave() });
  }

  /** @returns {Promise<boolean>} Whether the person has confirmed that it is them. */
  async #askToConfirm() {
    await loadGateTexts();
    const { openConfirmation } = await import("../pages/confirm/dialog.js");
    return await openConfirmation(this.#client, { email: this.#user?.email ?? "", hasSecondFactor: this.#user?.mfa_enabled ?? false });
  }

  /** @param {unknown} error Why the box did not answer. */
  #showUnreachable(error) {
    const { code } = problemIn(error);
    document.title = "Nodo";
    const words = [h("h1", { class: "gate-title" }, t("unreachable.title")), h("p", { class: "gate-lead" }, t("unreachable.lead")), h("p", { class: "gate-foot" }, code)];
    fill(this.#root, h("main", { class: "gate", role: "alert" }, h("div", { class: "gate-column" }, h("div", { class: "gate-card" }, ...words))));
    setTimeout(() => void this.start(), RETRY_MS);
  }
}

/** Takes the address of a gate away: its code is used, and going back must not lead there. */
function leaveGateAddress() {
  if (gateOf(routeOf(location.hash))) history.replaceState(null, "", location.pathname);
}

/** Draws the first page. */
async function begin() {
  setTheme(chosenTheme());
  await setLanguage(firstLanguage());
  const root = document.querySelector("[data-ref=app]");
  if (root instanceof HTMLElement) await new App(root).start();
}

void begin();
