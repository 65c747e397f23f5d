/** Days and how long ago something was, as people say it in the current language. */

import { dateLocale, language } from "./texts.js";

/** @type {readonly [Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/**
 * Returns a day.
 *
 * @param {string} instant RFC 3339.
 * @returns {string} Such as "21 November 2026".
 */
export function day(instant) {
  return new Intl.DateTimeFormat(dateLocale(), { dateStyle: "long" }).format(new Date(instant));
}

/**
 * Returns day and minute, short enough for a table.
 *
 * @param {string} instant RFC 3339.
 * @returns {string} Such as "21 Nov 2026, 10:42".
 */
export function shortMoment(instant) {
  return new Intl.DateTimeFormat(dateLocale(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(instant));
}

/**
 * Returns how far away an instant is.
 *
 * @param {string} instant RFC 3339.
 * @param {Date} now The present.
 * @returns {string} Such as "5 minutes ago", "in 3 hours" or "now".
 */
export function fromNow(instant, now) {
  const seconds = (new Date(instant).getTime() - now.getTime()) / 1000;
  const format = new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
  const [unit, length] = UNITS.find(([, unitS]) => Math.abs(seconds) >= unitS) ?? ["second", 0];
  return length ? format.format(Math.round(seconds / length), unit) : format.format(0, "second");
}
