import { useState } from "react";
import { useWords } from "./hooks.ts";

interface SureProps {
  readonly name: string;
  /** The question, naming whom it concerns. */
  readonly asks: string;
  readonly onSure: () => void;
}

/** An order that is asked about once before it is given. */
export function Sure({ name, asks, onSure }: SureProps) {
  const w = useWords().people;
  const [asked, ask] = useState(false);
  if (!asked) {
    return (
      <button type="button" className="side-action" onClick={() => ask(true)}>
        {name}
      </button>
    );
  }
  const sure = () => {
    ask(false);
    onSure();
  };
  return (
    <div className="sure" role="alert">
      <p>{asks}</p>
      <div className="flex gap-2">
        <button type="button" className="side-action flex-1" onClick={sure}>
          {w.sure}
        </button>
        <button type="button" className="side-action flex-1" onClick={() => ask(false)}>
          {w.not}
        </button>
      </div>
    </div>
  );
}
