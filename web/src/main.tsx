import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./look.css";
import { readPrefs } from "./device/prefs.ts";
import { applyTheme } from "./parts/theme.ts";
import { App } from "./screens/App.tsx";
import { Station } from "./station.ts";

applyTheme(readPrefs().theme);

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App station={new Station()} />
    </StrictMode>,
  );
}
