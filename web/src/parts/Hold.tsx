import { type ComponentProps, type PointerEvent, useRef } from "react";

interface Holder {
  down(source: string, at: number): void;
  up(source: string, at: number): void;
  cancel(source: string, at: number): void;
  /** Activated without a pointer or a key, as a screen reader does. */
  tap(): void;
}

type HoldProps = { holder: Holder } & Omit<ComponentProps<"button">, "onClick" | "type">;

/**
 * A button that is held: by any number of fingers, and by Enter when it has the focus.
 *
 * The pointer is captured, so a thumb may slide off while it speaks; leaving is no release.
 */
export function Hold({ holder, ...rest }: HoldProps) {
  const handled = useRef(false);
  const entered = useRef(false);
  const source = (event: PointerEvent) => `pointer:${event.pointerId}`;
  return (
    <button
      {...rest}
      type="button"
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        handled.current = true;
        capture(event);
        holder.down(source(event), event.nativeEvent.timeStamp);
      }}
      onPointerUp={(event) => holder.up(source(event), event.nativeEvent.timeStamp)}
      onPointerCancel={(event) => {
        handled.current = false;
        holder.cancel(source(event), event.nativeEvent.timeStamp);
      }}
      onLostPointerCapture={(event) => holder.cancel(source(event), event.nativeEvent.timeStamp)}
      onKeyDown={(event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        if (event.repeat) return;
        entered.current = true;
        holder.down("enter", event.nativeEvent.timeStamp);
      }}
      onKeyUp={(event) => {
        if (event.key !== "Enter" || !entered.current) return;
        entered.current = false;
        holder.up("enter", event.nativeEvent.timeStamp);
      }}
      onBlur={(event) => {
        entered.current = false;
        holder.cancel("enter", event.nativeEvent.timeStamp);
      }}
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
    // Its cancel event follows.
  }
}
