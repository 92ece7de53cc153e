/** Fails when the first route weighs more than a phone on venue Wi-Fi should have to fetch. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const DIST = new URL("../dist", import.meta.url).pathname;
const BUDGET_KIB = { js: 130, css: 15 };

const assets = join(DIST, "assets");
const weights = { js: 0, css: 0 };
for (const name of readdirSync(assets)) {
  const kind = name.split(".").at(-1);
  if (kind in weights) weights[kind] += gzipSync(readFileSync(join(assets, name))).length / 1024;
}
for (const [kind, kib] of Object.entries(weights)) {
  const budget = BUDGET_KIB[kind];
  console.log(`${kind}: ${kib.toFixed(1)} KiB gzipped, at most ${budget}`);
  if (kib > budget) process.exitCode = 1;
}
const page = readFileSync(join(DIST, "index.html"), "utf8");
if (/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/.test(page)) {
  console.error("index.html has inline script or style, which the content security policy forbids");
  process.exitCode = 1;
}
