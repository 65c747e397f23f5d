/** What a person is used to: it works in this browser at once, and goes with the account to others. */

import { setPreference } from "../lib/storage.js";
import { setTheme } from "../lib/theme.js";

/**
 * @typedef {import("./types.js").Preferences} Preferences
 * @typedef {import("./types.js").User} User
 */

/** The habits of the person who is signed in. */
export class Habits {
  #accounts;
  #user;

  /**
   * @param {Pick<import("./accounts.js").Accounts, "change">} accounts Keeps them on the box.
   * @param {User} user Whose they are.
   */
  constructor(accounts, user) {
    this.#accounts = accounts;
    this.#user = user;
  }

  /** @returns {Preferences} As they are now. */
  get current() {
    return this.#user.preferences ?? {};
  }

  /** Takes over in this browser what the account knows. */
  takeOver() {
    apply(this.current);
  }

  /**
   * Changes some of them, here at once; then the box is told.
   *
   * @param {Preferences} changes Undefined ones are forgotten.
   * @throws {import("./failures.js").ProblemError} If the box does not take it: then only this browser knows.
   */
  async change(changes) {
    const known = Object.entries({ ...this.current, ...changes }).filter(([, value]) => value !== undefined && value !== null);
    this.#user.preferences = Object.fromEntries(known);
    apply(changes);
    await this.#accounts.change({ preferences: this.#user.preferences });
  }
}

/** @param {Preferences} preferences What to do in this browser; what is missing stays as it is. */
function apply({ theme, follow_answer: follow, shortcuts, read_answers_aloud_to_screen_reader: aloud }) {
  if (theme !== undefined) setTheme(theme);
  if (follow !== undefined) setPreference("follow", follow ? null : "off");
  if (shortcuts !== undefined) setPreference("shortcuts", shortcuts ? null : "off");
  if (aloud !== undefined) setPreference("aloud", aloud === "all" ? "all" : null);
}
