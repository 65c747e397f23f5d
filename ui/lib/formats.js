/** Dates, sizes and durations as people write them in the current language. */

import { dateLocale, language, t } from "./texts.js";

const GB = 1_000_000_000;
const MB = 1_000_000;
const KB = 1000;

/** @type {Map<string, Intl.DateTimeFormat>} */
const formatters = new Map();

/**
 * Making a formatter takes longer than a message's whole drawing.
 *
 * @param {Intl.DateTimeFormatOptions} options How to write.
 * @returns {Intl.DateTimeFormat} One for the language in use.
 */
function formatterFor(options) {
  const key = `${language()} ${JSON.stringify(options)}`;
  const known = formatters.get(key) ?? new Intl.DateTimeFormat(dateLocale(), options);
  formatters.set(key, known);
  return known;
}

/**
 * Returns the hour of the day.
 *
 * @param {string} instant RFC 3339.
 * @returns {string} Such as "10:42".
 */
export function timeOfDay(instant) {
  return formatterFor({ hour: "2-digit", minute: "2-digit" }).format(new Date(instant));
}

/**
 * Returns day and hour.
 *
 * @param {string} instant RFC 3339.
 * @returns {string} Such as "21 November 2026, 10:42".
 */
export function dayAndTime(instant) {
  return formatterFor({ dateStyle: "long", timeStyle: "short" }).format(new Date(instant));
}

/**
 * Returns the name of a month with its year.
 *
 * @param {Date} day Any day in it.
 * @returns {string} Such as "March 2026".
 */
export function monthName(day) {
  const name = new Intl.DateTimeFormat(dateLocale(), { month: "long", year: "numeric" }).format(day);
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/**
 * Returns a size.
 *
 * @param {number} sizeBytes Bytes.
 * @returns {string} Such as "2.5 GB", "340 MB" or "12 kB" (decimal units, as disks are sold).
 */
export function size(sizeBytes) {
  const [value, unit] = sizeBytes >= GB ? [sizeBytes / GB, "GB"] : sizeBytes >= MB ? [sizeBytes / MB, "MB"] : [Math.max(0.1, sizeBytes / KB), "kB"];
  const digits = value < 10 ? 1 : 0;
  return `${new Intl.NumberFormat(language(), { maximumFractionDigits: digits }).format(value)} ${unit}`;
}

/**
 * Returns a number.
 *
 * @param {number} value The number.
 * @param {number} [digits] At most so many decimals.
 * @returns {string} Such as "1,234.5".
 */
export function number(value, digits = 0) {
  return new Intl.NumberFormat(language(), { maximumFractionDigits: digits }).format(value);
}

/**
 * Returns a share.
 *
 * @param {number} percent 0 to 100.
 * @returns {string} Such as "35%".
 */
export function share(percent) {
  return new Intl.NumberFormat(language(), { style: "percent", maximumFractionDigits: 0 }).format(percent / 100);
}

/**
 * Returns a duration in whole seconds, or minutes and seconds.
 *
 * @param {number} durationS Seconds.
 * @returns {string} Such as "12 s" or "2 min 5 s".
 */
export function duration(durationS) {
  const whole = Math.max(0, Math.round(durationS));
  if (whole < 60) return t("unit.seconds", { s: whole });
  const minutes = Math.floor(whole / 60);
  return whole % 60 === 0 ? t("unit.minutes", { min: minutes }) : t("unit.minutes_seconds", { min: minutes, s: whole % 60 });
}
