import { useCallback, useEffect, useState } from "react";
import { canCarrySound } from "../device/browser.ts";
import { isKept, loadBare } from "../device/shell.ts";
import { useStore, useWords } from "../parts/hooks.ts";
import { CheckDoor } from "../parts/SoundDoor.tsx";
import { inviteOf, leave, look, type Outcome } from "../session/door.ts";
import type { Station } from "../station/station.ts";
import type { Door } from "../wire/messages.ts";
import { faultText } from "../words/said.ts";
import { Back, Blocked, EndedScreen, NoMic } from "./Blocked.tsx";
import { JoinScreen } from "./Join.tsx";
import { PanelScreen } from "./Panel.tsx";

const RETRY_MS = 2000;

type Place = "door" | "mic" | "panel";

/** Which screen: the door until there is a seat, then the microphone, then the panel. */
export function App({ station }: { station: Station }) {
  const status = useStore(station.status);
  const [place, setPlace] = useState<Place>("door");
  const invite = inviteOf(location.pathname);
  const [door, refresh] = useDoor(invite, place === "door" && status.ended === null);

  const enter = async () => {
    setPlace("panel");
    // An invite is spent by now: a reload should find the seat, not the invite.
    if (invite !== null) history.replaceState(null, "", "/");
    await station.enter();
  };
  const askMic = async () => {
    setPlace("mic");
    if ((await station.askMic()) === "live") await enter();
  };
  const again = () => {
    station.unlock();
    void askMic();
  };

  if (!window.isSecureContext) return <Insecure />;
  if (!canCarrySound()) return <Unsupported />;
  if (status.ended !== null && place !== "mic") {
    const toDoor = () => {
      station.reset();
      setPlace("door");
      refresh();
    };
    return <EndedScreen ended={status.ended} onAgain={again} onJoin={toDoor} />;
  }
  if (place === "panel") return <PanelScreen station={station} />;
  if (place === "mic") {
    return <NoMic mic={status.mic} onAgain={() => void askMic()} onListen={() => void enter()} />;
  }
  if (door === null) return <div className="stage" aria-busy="true" />;
  if (!door.ok) return <Away text={faultText(door.fault)} onAgain={isKept() ? tryBare : refresh} />;
  const { me, show, roles } = door.body;
  if (me?.seat && invite === null) {
    const role = roles.find((one) => one.id === me.role);
    // A seat without a name of its own is only a number.
    const place = role === undefined || role.seats.length > 0 ? me.seat : role.name;
    const other = async () => {
      await leave();
      refresh();
    };
    return (
      <Back
        show={show}
        place={place}
        person={me.person}
        onJoin={again}
        onOther={() => void other()}
        aside={<CheckDoor station={station} />}
      />
    );
  }
  return (
    <JoinScreen
      door={door.body}
      invite={invite}
      onTap={() => station.unlock()}
      onJoined={() => void askMic()}
      aside={<CheckDoor station={station} />}
    />
  );
}

/** What the appliance says at the door; asked again by itself while it does not answer. */
function useDoor(invite: string | null, wanted: boolean): [Outcome<Door> | null, () => void] {
  const [door, setDoor] = useState<Outcome<Door> | null>(null);
  const [asked, ask] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` starts a new look
  useEffect(() => {
    if (!wanted) return;
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const once = async () => {
      const answer = await look(invite);
      if (!current) return;
      // A page kept on this device may be older than the appliance: the appliance's own takes its place.
      if (answer.ok && isKept()) return location.reload();
      setDoor(answer);
      if (!answer.ok) timer = setTimeout(() => void once(), RETRY_MS);
    };
    void once();
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [invite, wanted, asked]);
  const refresh = useCallback(() => ask((n) => n + 1), []);
  return [door, refresh];
}

/** Nothing answers a page kept on this device: it gives way to what the browser has to say. */
function tryBare(): void {
  void look(null).then((answer) => (answer.ok ? location.reload() : loadBare()));
}

export function Away({ text, onAgain }: { text: string; onAgain: () => void }) {
  const { blocked: w, doors } = useWords();
  const [since] = useState(() => new Date());
  const time = since.toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" });
  return (
    <Blocked glyph="away" title={w.noAnswer} text={w.tryingAgain(doors.since(text, time))}>
      <button type="button" className="main" onClick={onAgain}>
        {w.tryNow}
      </button>
    </Blocked>
  );
}

export function Insecure() {
  const w = useWords().blocked;
  const secure = `https://${location.host}${location.pathname}`;
  return (
    <Blocked glyph="no_mic" title={w.insecureTitle} text={w.insecureText}>
      <a className="main" href={secure}>
        {w.openSecure(secure)}
      </a>
    </Blocked>
  );
}

export function Unsupported() {
  const w = useWords().doors;
  const [copied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard?.writeText(location.href).then(() => setCopied(true));
  return (
    <Blocked glyph="no_speaker" title={w.oldTitle} text={w.oldText}>
      <button type="button" className="main" onClick={copy}>
        {copied ? w.copied : w.copy}
      </button>
    </Blocked>
  );
}
