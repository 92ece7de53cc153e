import type { Prefs, Theme } from "../device/prefs.ts";

const BARS: Readonly<Record<Theme, string>> = { dark: "#0b0d10", blackout: "#000000" };

/** Paints the page as this device's person likes it, and the browser's own bars around it. */
export function applyLook({ theme, left, large }: Pick<Prefs, "theme" | "left" | "large">): void {
  const { dataset } = document.documentElement;
  dataset["theme"] = theme;
  dataset["hand"] = left ? "left" : "right";
  dataset["keys"] = large ? "large" : "normal";
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", BARS[theme]);
}
