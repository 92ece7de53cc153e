/** Writes the service worker of a build: what it keeps, and a version that changes with any of it. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Plugin } from "vite";

const PAGE = "index.html";
const WORKER = "sw.js";

export function shell(): Plugin {
  return {
    name: "soundmesh-shell",
    apply: "build",
    writeBundle(options) {
      const folder = options.dir ?? "dist";
      const kept = filesIn(folder).filter((name) => name !== WORKER);
      const hash = createHash("sha256");
      for (const name of kept) hash.update(name).update(readFileSync(join(folder, name)));
      const source = readFileSync(new URL("worker.js", import.meta.url), "utf8");
      hash.update(source);
      const files = kept.filter((name) => name !== PAGE).map((name) => `/${name}`);
      const worker = source
        .replace("__VERSION__", hash.digest("hex").slice(0, 16))
        .replace('["__FILES__"]', JSON.stringify(files));
      writeFileSync(join(folder, WORKER), worker);
    },
  };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}
