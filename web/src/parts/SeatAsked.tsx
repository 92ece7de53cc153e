import type { PanelState } from "../panel/model.ts";
import type { Station } from "../station/station.ts";
import { useWords } from "./hooks.ts";

/** Somebody at the door asks for this person's seat. */
export function SeatAsked({ state, station }: { state: PanelState; station: Station }) {
  const w = useWords().doors;
  const one = state.live ? state.requests.find((request) => request.mine) : undefined;
  if (one === undefined) return null;
  const answer = (admit: boolean) => station.orders.decide(one.id, admit);
  return (
    <section className="signal" data-kind="text" aria-label={w.wantsMine(one.person)}>
      <p className="col-span-2 min-w-0">
        <span>{w.wantsMine(one.person)}</span>
        <small className="!ms-0">{w.mineHint}</small>
      </p>
      <div className="col-span-2 grid grid-cols-2 gap-2">
        <button type="button" className="justify-center" onClick={() => answer(false)}>
          {w.keep}
        </button>
        <button
          type="button"
          className="justify-center !bg-transparent !text-ink outline outline-1 outline-line-strong"
          onClick={() => answer(true)}
        >
          {w.give}
        </button>
      </div>
    </section>
  );
}
