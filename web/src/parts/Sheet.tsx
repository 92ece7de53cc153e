import { type ReactNode, useEffect, useRef } from "react";
import { useWords } from "./hooks.ts";
import { Icon } from "./Icon.tsx";

interface SheetProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A modal dialog; the platform keeps focus and Escape. */
export function Sheet({ title, onClose, children }: SheetProps) {
  const w = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      ref={dialog}
      className="sheet"
      aria-label={title}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
    >
      <div className="flex items-center justify-between pb-3">
        <h2 className="text-[19px] font-semibold">{title}</h2>
        <button
          type="button"
          className="round"
          aria-label={w.sheet.close}
          onClick={() => dialog.current?.close()}
        >
          <Icon glyph="close" />
        </button>
      </div>
      {children}
    </dialog>
  );
}
