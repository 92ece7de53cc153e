import { type ComponentProps, type PointerEvent, useEffect, useRef } from "react";
import { pointerSource } from "../keys/bind.ts";

interface Holder {
  down(source: string, at: number): void;
  up(source: string, at: number): void;
  cancel(source: string, at: number): void;
  /** Activated without a pointer or a key, as a screen reader does. */
  tap(): void;
}

type HoldProps = { holder: Holder } & Omit<ComponentProps<"button">, "onClick" | "type">;

const LEFT = 1;

/**
 * A button that is held: by any number of fingers, and by Enter when it has the focus.
 *
 * The pointer is captured, so a thumb may slide off while it speaks; leaving is no release. A button that is
 * taken off the page ends what it held.
 */
export function Hold({ holder, ...rest }: HoldProps) {
  const handled = useRef(false);
  const held = useRef(new Set<string>());
  const latest = useRef(holder);
  latest.current = holder;
  useEffect(() => {
    const sources = held.current;
    return () => {
      for (const source of sources) latest.current.cancel(source, performance.now());
      sources.clear();
    };
  }, []);

  const down = (source: string, at: number) => {
    held.current.add(source);
    holder.down(source, at);
  };
  const up = (source: string, at: number) => {
    if (held.current.delete(source)) holder.up(source, at);
  };
  const cancel = (source: string, at: number) => {
    if (held.current.delete(source)) holder.cancel(source, at);
  };
  const source = (event: PointerEvent) => pointerSource(event.pointerId);
  return (
    <button
      {...rest}
      type="button"
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        handled.current = true;
        capture(event);
        down(source(event), event.nativeEvent.timeStamp);
      }}
      onPointerMove={(event) => {
        // With a second mouse button down there is no pointerup for the first.
        if (event.pointerType === "mouse" && (event.buttons & LEFT) === 0)
          up(source(event), event.nativeEvent.timeStamp);
      }}
      onPointerUp={(event) => up(source(event), event.nativeEvent.timeStamp)}
      onPointerCancel={(event) => {
        handled.current = false;
        cancel(source(event), event.nativeEvent.timeStamp);
      }}
      onLostPointerCapture={(event) => cancel(source(event), event.nativeEvent.timeStamp)}
      onKeyDown={(event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        if (!event.repeat) down("enter", event.nativeEvent.timeStamp);
      }}
      onKeyUp={(event) => event.key === "Enter" && up("enter", event.nativeEvent.timeStamp)}
      onBlur={(event) => cancel("enter", event.nativeEvent.timeStamp)}
      onClick={(event) => {
        // A finger's own click follows its release; one that comes alone is a tap by other means.
        if (!handled.current && event.detail === 0) holder.tap();
        handled.current = false;
      }}
      onContextMenu={(event) => event.preventDefault()}
    />
  );
}

/** A pointer may be gone already by the time its event is read. */
function capture(event: PointerEvent): void {
  try {
    event.currentTarget.setPointerCapture(event.pointerId);
  } catch {
    // The window hears of its end, wherever that is.
  }
}
