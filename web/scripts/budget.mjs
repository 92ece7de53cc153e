/** Fails when the first route weighs more than a phone on venue Wi-Fi should have to fetch. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const DIST = new URL("../dist", import.meta.url).pathname;
const BUDGET_KIB = { js: 130, css: 15 };

const page = readFileSync(join(DIST, "index.html"), "utf8");
const first = new Set();
for (const [, name] of page.matchAll(/(?:src|href)="\/assets\/([^"]+)"/g)) add(name);

/** A chunk and what it imports before it runs; what it imports later is not of the first route. */
function add(name) {
  if (first.has(name)) return;
  first.add(name);
  if (!name.endsWith(".js")) return;
  const text = readFileSync(join(DIST, "assets", name), "utf8");
  for (const [, other] of text.matchAll(
    /(?:^|[;}\s])(?:import|export)(?:[^"'()]*?from)?\s*["']\.\/([^"']+)["']/g,
  ))
    add(other);
}

const weights = { js: 0, css: 0 };
let later = 0;
for (const name of readdirSync(join(DIST, "assets"))) {
  const kib = gzipSync(readFileSync(join(DIST, "assets", name))).length / 1024;
  const kind = name.split(".").at(-1);
  if (first.has(name) && kind in weights) weights[kind] += kib;
  else later += kib;
}
for (const [kind, kib] of Object.entries(weights)) {
  const budget = BUDGET_KIB[kind];
  console.log(`${kind}: ${kib.toFixed(1)} KiB gzipped, at most ${budget}`);
  if (kib > budget || kib === 0) process.exitCode = 1;
}
console.log(`fetched when needed: ${later.toFixed(1)} KiB`);
if (/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/.test(page)) {
  console.error("index.html has inline script or style, which the content security policy forbids");
  process.exitCode = 1;
}
