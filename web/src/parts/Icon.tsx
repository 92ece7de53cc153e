/** Stroked 24 px glyphs, one sprite. They decorate: the word beside them or the button's name speaks. */

const GLYPHS = {
  mic: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM5 11a7 7 0 0 0 14 0M12 18v3",
  no_mic:
    "M9 5.600A3 3 0 0 1 15 6v5.500M9 9.500V11a3 3 0 0 0 4.400 2.650M5 11a7 7 0 0 0 10.700 5.950M19 11a7 7 0 0 1-.85 3.350M12 18v3M4 3l16 18",
  speaker: "M4 9v6h4l5 4V5L8 9zM16.500 8.500a5 5 0 0 1 0 7M19 6a9 9 0 0 1 0 12",
  no_speaker: "M4 9v6h4l5 4V5L8 9zM17 9.500l5 5M22 9.500l-5 5",
  lock: "M7 11h10a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2v-5a2 2 0 0 1 2-2zM8 11V8a4 4 0 0 1 8 0v3",
  wave: "M4 10v4M9 6v12M14 8.500v7M19 5v14",
  bell: "M6 16v-5a6 6 0 0 1 12 0v5l2 2H4zM10 21h4",
  reply: "M10 6l-6 6 6 6M4 12h9a7 7 0 0 1 7 7",
  check: "M5 12.500l5 5L19.500 7",
  menu: "M5 7h14M5 12h14M5 17h14",
  close: "M6 6l12 12M18 6L6 18",
  minus: "M5 12h14",
  plus: "M5 12h14M12 5v14",
  alert:
    "M12 8v5M12 16.500v.01M10.300 4.200L3 17a2 2 0 0 0 1.700 3h14.600a2 2 0 0 0 1.700-3L13.700 4.200a2 2 0 0 0-3.400 0z",
  seat: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21a8 8 0 0 1 16 0",
  people:
    "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 20a6.500 6.500 0 0 1 13 0M16 4.300a3.500 3.500 0 0 1 0 6.400M18 14.200a6.500 6.500 0 0 1 3.500 5.800",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  away: "M4.500 9.500a11 11 0 0 1 5-2.700M19.500 9.500a11 11 0 0 0-6-2.900M8 13.200a6 6 0 0 1 3.500-1.600M12 17.500v.01M4 4l16 16",
  swap: "M4 8h14l-4-4M20 16H6l4 4",
  left: "M15 5l-8 7 8 7",
  right: "M9 5l8 7-8 7",
  lower: "M12 4v14M6 13l6 6 6-6",
  no_talk: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM5.700 5.700l12.600 12.600",
} as const;

export type Glyph = keyof typeof GLYPHS;

export function Icon({ glyph, className }: { glyph: Glyph; className?: string }) {
  return (
    <svg
      className={`size-[1em] flex-none ${className ?? ""}`}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={GLYPHS[glyph]} />
    </svg>
  );
}
