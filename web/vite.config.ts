import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { shell } from "./shell/plugin.ts";

// The appliance of `just dev`; its certificate is its own, so it is not checked here.
const APPLIANCE = process.env["SOUNDMESH_DEV"] ?? "https://127.0.0.1:8443";

export default defineConfig({
  plugins: [react(), tailwindcss(), shell()],
  build: {
    target: ["es2022", "safari17"],
    // Nothing inline: the content security policy allows this origin's files alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  worker: { format: "es" },
  server: {
    proxy: { "/api": { target: APPLIANCE, secure: false, ws: true } },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
