import type { Theme } from "../device/prefs.ts";

const BARS: Readonly<Record<Theme, string>> = { dark: "#0b0d10", blackout: "#000000" };

/** Paints the page and the browser's own bars around it. */
export function applyTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", BARS[theme]);
}
