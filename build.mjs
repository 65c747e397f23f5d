/** Builds ui/ into ui/dist/: hashed names, one page that names them, sizes within the budget. */

import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

const SOURCE = path.join(import.meta.dirname, "ui");
const TARGET = path.join(SOURCE, "dist");
const PUBLIC_PATH = "/static/";
// What a phone in the office network loads before the first word can be typed: frame, chat, one language.
const FIRST_LOAD = ["app/main.js", "strings/es.json", "styles/main.css"];
const BUDGETS_GZIP_BYTES = { ".js": 60 * 1024, ".css": 15 * 1024 };

/** @returns {Promise<import("esbuild").Metafile>} What was built. */
async function bundle() {
  const { metafile } = await build({
    absWorkingDir: SOURCE,
    entryPoints: ["app/main.js", "styles/main.css", "favicon.svg"],
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    outdir: TARGET,
    publicPath: PUBLIC_PATH,
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    charset: "utf8",
    target: ["es2022", "chrome111", "firefox121", "safari17"],
    loader: { ".svg": "copy" },
    legalComments: "linked",
    metafile: true,
    logLevel: "warning",
  });
  return metafile;
}

/**
 * @param {import("esbuild").Metafile} metafile What was built.
 * @returns {Map<string, string>} Built file by the source that it begins with.
 */
function filesBySource({ outputs }) {
  const entries = Object.entries(outputs).filter(([, { entryPoint }]) => entryPoint);
  return new Map(entries.map(([file, { entryPoint }]) => [entryPoint ?? "", path.basename(file)]));
}

/** @param {Map<string, string>} files Built file by source. */
async function writePage(files) {
  const page = await readFile(path.join(SOURCE, "index.html"), "utf8");
  const sprite = await readFile(path.join(SOURCE, "icons.svg"), "utf8");
  // In the page itself: browsers differ in which policy a picture from another file falls under.
  const hidden = sprite.replace("<svg ", '<svg class="sprite" aria-hidden="true" ').replace(/>\s+</gu, "><").trim();
  let built = page.replace("<!-- sprite -->", () => hidden);
  for (const source of ["app/main.js", "styles/main.css", "favicon.svg"]) {
    const file = files.get(source);
    if (!file || !built.includes(`"${source}"`)) throw new Error(`index.html or the build lacks ${source}.`);
    built = built.replace(`"${source}"`, `"${PUBLIC_PATH}${file}"`);
  }
  await writeFile(path.join(TARGET, "index.html"), built);
}

/**
 * @param {import("esbuild").Metafile} metafile What was built.
 * @returns {Set<string>} The files of the first load: those named in `FIRST_LOAD` and what they import at once.
 */
function firstLoad({ outputs }) {
  const isNamed = ([, { entryPoint = "" }]) => FIRST_LOAD.includes(entryPoint);
  const waiting = Object.entries(outputs).filter(isNamed).map(([file]) => file);
  if (waiting.length !== FIRST_LOAD.length) throw new Error(`The build lacks one of ${FIRST_LOAD.join(", ")}.`);
  const files = new Set(waiting);
  for (const file of files) {
    for (const { kind, path: imported } of outputs[file]?.imports ?? []) if (kind === "import-statement") files.add(imported);
  }
  return files;
}

/**
 * @param {import("esbuild").Metafile} metafile What was built.
 * @returns {Promise<boolean>} Whether the first load is within the budget; all sizes are printed.
 */
async function weigh(metafile) {
  const first = firstLoad(metafile);
  /** @type {Record<string, number>} */
  const totals = { ".js": 0, ".css": 0 };
  for (const file of Object.keys(metafile.outputs)) {
    const kind = path.extname(file);
    if (!(kind in totals)) continue;
    const size = gzipSync(await readFile(path.join(SOURCE, file)), { level: 9 }).length;
    if (first.has(file)) totals[kind] = (totals[kind] ?? 0) + size;
    console.log(`${path.basename(file).padEnd(28)} ${kilobytes(size)} gzip${first.has(file) ? ", first load" : ""}`);
  }
  for (const [kind, budget] of Object.entries(BUDGETS_GZIP_BYTES)) {
    console.log(`first load ${kind.padEnd(17)} ${kilobytes(totals[kind] ?? 0)} gzip of ${kilobytes(budget)}`);
  }
  const over = Object.entries(BUDGETS_GZIP_BYTES).filter(([kind, budget]) => (totals[kind] ?? 0) > budget);
  for (const [kind] of over) console.error(`Over budget: ${kind}. Take something out, or say in the budget why it grew.`);
  return over.length === 0;
}

/**
 * @param {number} sizeBytes Bytes.
 * @returns {string} In KB of 1024 bytes.
 */
function kilobytes(sizeBytes) {
  return `${(sizeBytes / 1024).toFixed(1).padStart(6)} KB`;
}

await rm(TARGET, { recursive: true, force: true });
const metafile = await bundle();
await writePage(filesBySource(metafile));
process.exitCode = (await weigh(metafile)) ? 0 : 1;
