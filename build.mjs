/**
 * Builds ui/ into ui/dist/, or into the folder that is named: hashed names, one page that names them, sizes within
 * the budget.
 */

import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

const SOURCE = path.join(import.meta.dirname, "ui");
const TARGET = path.resolve(process.argv[2] ?? path.join(SOURCE, "dist"));
const PUBLIC_PATH = "/static/";
// What is loaded before the first word can be typed (the frame, the chat, one language), and what answers need beside it.
const FIRST_PAGE = ["app/main.js", "strings/es.json", "styles/main.css"];
const WITH_ANSWERS = [...FIRST_PAGE, "components/markdown-blocks.js"];
const BUDGETS = [
  { name: "first page", sources: FIRST_PAGE, kind: ".js", gzipBytes: 40 * 1024 },
  // 34 KB are Markdown's reader, its repair and the sanitiser; colours of code and formulas come later, when there are some.
  { name: "with answers", sources: WITH_ANSWERS, kind: ".js", gzipBytes: 74 * 1024 },
  { name: "first page", sources: FIRST_PAGE, kind: ".css", gzipBytes: 15 * 1024 },
];

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

/** Puts the licences of all that is built in beside it, as they ask for. */
async function writeLicences() {
  const modules = path.join(import.meta.dirname, "node_modules");
  const { dependencies } = JSON.parse(await readFile(path.join(import.meta.dirname, "package.json"), "utf8"));
  const parts = Object.keys(dependencies).map(async (name) => {
    const [licence] = (await readdir(path.join(modules, name))).filter((file) => /^licen[cs]e/iu.test(file));
    if (!licence) throw new Error(`${name} comes without a licence.`);
    return `${name} ${dependencies[name]}\n\n${await readFile(path.join(modules, name, licence), "utf8")}`;
  });
  await writeFile(path.join(TARGET, "licences.txt"), (await Promise.all(parts)).join(`\n${"-".repeat(100)}\n\n`));
}

/**
 * @param {import("esbuild").Metafile} metafile What was built.
 * @param {string[]} sources Where a page begins.
 * @returns {Set<string>} The files of these sources and what they import at once.
 */
function filesOf({ outputs }, sources) {
  const named = Object.entries(outputs).filter(([, { entryPoint = "" }]) => sources.includes(entryPoint));
  if (named.length !== sources.length) throw new Error(`The build lacks one of ${sources.join(", ")}.`);
  const files = new Set(named.map(([file]) => file));
  for (const file of files) {
    for (const { kind, path: imported } of outputs[file]?.imports ?? []) if (kind === "import-statement") files.add(imported);
  }
  return files;
}

/**
 * @param {import("esbuild").Metafile} metafile What was built.
 * @returns {Promise<Map<string, number>>} Bytes of each file, compressed; they are printed.
 */
async function weighed({ outputs }) {
  /** @type {Map<string, number>} */
  const sizes = new Map();
  for (const file of Object.keys(outputs).filter((name) => /[.](?:js|css)$/u.test(name))) {
    const size = gzipSync(await readFile(path.join(SOURCE, file)), { level: 9 }).length;
    sizes.set(file, size);
    console.log(`${path.basename(file).padEnd(32)} ${kilobytes(size)} gzip`);
  }
  return sizes;
}

/**
 * @param {import("esbuild").Metafile} metafile What was built.
 * @param {Map<string, number>} sizes Bytes of each file, compressed.
 * @returns {boolean} Whether all pages are within their budgets; they are printed.
 */
function isWithinBudgets(metafile, sizes) {
  const over = BUDGETS.filter(({ name, sources, kind, gzipBytes }) => {
    const files = [...filesOf(metafile, sources)].filter((file) => path.extname(file) === kind);
    const total = files.reduce((sum, file) => sum + (sizes.get(file) ?? 0), 0);
    console.log(`${`${name}, ${kind}`.padEnd(32)} ${kilobytes(total)} gzip of ${kilobytes(gzipBytes)}`);
    return total > gzipBytes;
  });
  for (const { name, kind } of over) console.error(`Over budget: ${name}, ${kind}. Take something out, or say beside the budget why it grew.`);
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
await writeLicences();
process.exitCode = isWithinBudgets(metafile, await weighed(metafile)) ? 0 : 1;
