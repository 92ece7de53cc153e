import { useEffect, useState } from "react";
import { advise, plain } from "../session/advice.ts";
import type { ConnectionReport } from "../session/report.ts";
import type { RoamEntry } from "../session/roamlog.ts";
import type { Station } from "../station/station.ts";
import type { Words } from "../words/en.ts";
import { useWords } from "./hooks.ts";
import { Sheet } from "./Sheet.tsx";

const LOOK_MS = 1000;

interface ConnectionSheetProps {
  readonly station: Station;
  readonly onClose: () => void;
}

/** How this phone is connected: what to do about it first, the figures after. */
export function ConnectionSheet({ station, onClose }: ConnectionSheetProps) {
  const w = useWords().line;
  const report = useReport(station);
  const [copied, setCopied] = useState<"no" | "yes" | "failed">("no");
  const rows = report === null ? [] : figures(w, report);
  const text = report === null ? "" : plain(rows, report);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied("yes");
    } catch {
      setCopied("failed");
    }
  };
  return (
    <Sheet title={w.title} onClose={onClose}>
      <Advised report={report} />
      <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-2 py-4 text-[15px]">
        {rows.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-2">{name}</dt>
            <dd className="text-right font-num tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      {report !== null && <Log roams={report.roams} />}
      {report !== null && (
        <button type="button" className="side-action mt-4 w-full" onClick={() => void copy()}>
          {copied === "yes" ? w.copied : w.copy}
        </button>
      )}
      {copied === "failed" && (
        <>
          <p className="pt-3 text-[14px] text-ink-2">{w.notCopied}</p>
          <pre className="overflow-x-auto pt-2 text-[12px] select-text">{text}</pre>
        </>
      )}
    </Sheet>
  );
}

function useReport(station: Station): ConnectionReport | null {
  const [report, setReport] = useState<ConnectionReport | null>(null);
  useEffect(() => {
    let current = true;
    const look = () => void station.report().then((now) => current && setReport(now));
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [station]);
  return report;
}

function Advised({ report }: { report: ConnectionReport | null }) {
  const w = useWords().line;
  const told = report === null ? [w.noReport] : advise(report, Date.now()).map((one) => w[one]);
  return (
    <ul className="grid gap-2" aria-live="polite">
      {(told.length === 0 ? [w.good] : told).map((sentence) => (
        <li key={sentence} className="says">
          {sentence}
        </li>
      ))}
    </ul>
  );
}

function Log({ roams }: { roams: readonly RoamEntry[] }) {
  const w = useWords().line;
  return (
    <section aria-label={w.log}>
      <h3 className="pb-1 font-semibold">{w.log}</h3>
      {roams.length === 0 && <p className="text-[14px] text-ink-2">{w.calm}</p>}
      <ol className="grid gap-1 text-[14px]">
        {[...roams].reverse().map((roam) => (
          <li key={`${roam.at} ${roam.what}`} className="flex justify-between gap-3">
            <span>
              <span className="font-num text-ink-2 tabular-nums">
                {new Date(roam.at).toLocaleTimeString([], { hourCycle: "h23" })}
              </span>{" "}
              {w.what[roam.what]}
            </span>
            <span className="font-num text-ink-2 tabular-nums">{took(w, roam)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function took(w: Words["line"], roam: RoamEntry): string {
  if (roam.ms !== null) return roam.ms < 1000 ? `${roam.ms} ms` : `${(roam.ms / 1000).toFixed(1)} s`;
  return roam.what === "restart" || roam.what === "session" ? w.failed : "";
}

function figures(w: Words["line"], report: ConnectionReport): [string, string][] {
  const rows: [string, string | null][] = [
    [w.rtt, ms(report.rttMs)],
    [w.lossDown, percent(report.lossDown)],
    [w.lossUp, percent(report.lossUp)],
    [w.jitter, ms(report.jitterMs)],
    [w.buffer, ms(report.bufferMs)],
    [w.codec, report.codec],
    [w.pair, report.local === null ? null : `${report.local} – ${report.remote ?? "?"}`],
    [w.network, report.network],
    [w.carrier, report.carrier === "http" ? w.httpName : w.websocket],
    [w.appliance, location.host],
    [w.age, report.sessionAgeS === null ? null : age(report.sessionAgeS)],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== null);
}

function ms(value: number | null): string | null {
  return value === null ? null : value < 1 ? "<1 ms" : `${Math.round(value)} ms`;
}

function percent(part: number | null): string | null {
  return part === null ? null : `${(part * 100).toFixed(part > 0 && part < 0.1 ? 1 : 0)} %`;
}

function age(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const two = (n: number) => `${n}`.padStart(2, "0");
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}
