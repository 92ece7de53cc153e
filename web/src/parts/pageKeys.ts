import { useEffect, useRef } from "react";
import { bindPage } from "../keys/bind.ts";
import type { Station } from "../station/station.ts";

/** Keyboard, pedals and every way a hold is lost, for as long as the panel is shown. */
export function usePageKeys(station: Station, inFront: boolean): void {
  // Read when a key goes down: binding anew would end holds.
  const front = useRef(inFront);
  front.current = inFront;
  useEffect(() => {
    const panel = () => station.panel.get().panel;
    return bindPage(
      {
        engine: station.keys,
        keyAt: (index) => panel()?.keys[index]?.id,
        hasReply: () => panel()?.reply ?? false,
        listenAt: (index) => {
          const key = panel()?.keys[index];
          if (key !== undefined) station.orders.toggleListen(key.id);
        },
        inFront: () => front.current,
      },
      station.ticker,
    );
  }, [station]);
}
