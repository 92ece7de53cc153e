import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./look.css";
import { readPrefs } from "./device/prefs.ts";
import { keepShell } from "./device/shell.ts";
import { applyLook } from "./parts/theme.ts";
import { App } from "./screens/App.tsx";
import { Station } from "./station/station.ts";
import { speakFirst } from "./words/language.ts";

function show(screen: ReactNode): void {
  const root = document.getElementById("root");
  if (root !== null) createRoot(root).render(<StrictMode>{screen}</StrictMode>);
}

/** Without an appliance, for looking at them and for the tests' bundle; a shipped build has none of it. */
const FIXTURES = import.meta.env.MODE !== "production";
const fixture = FIXTURES ? new URLSearchParams(location.search).get("fixture") : null;

applyLook(readPrefs());
await speakFirst();
if (fixture === null) {
  show(<App station={new Station()} />);
  keepShell();
} else if (FIXTURES) void import("./dev/fixture.tsx").then((dev) => show(dev.fixture(fixture)));
