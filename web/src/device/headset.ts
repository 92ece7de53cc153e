/**
 * The headset's button and the system's media card, by the Media Session.
 *
 * Without a handler, pause would silence the crew. An ear piece that is taken out says pause too, so that by
 * itself only closes; a button that opens is the person's choice, or the system's own microphone button.
 */

import { readPrefs } from "./prefs.ts";

export interface HeadsetPorts {
  /** Opens or closes the last used talk. */
  toggle(): void;
  /** Closes every talk. */
  close(): void;
}

export interface Card {
  readonly title: string;
  readonly artist: string;
  readonly onAir: boolean;
}

const ICONS = [{ src: "/icon-512.png", sizes: "512x512", type: "image/png" }];

export class Headset {
  readonly #ports: HeadsetPorts;
  #shown = "";

  constructor(ports: HeadsetPorts) {
    this.#ports = ports;
  }

  hold(): void {
    const { toggle, close } = this.#ports;
    const button = () => (readPrefs().headsetButton ? toggle() : close());
    const playing = () => readPrefs().headsetButton && toggle();
    const handlers: [string, () => void][] = [
      ["togglemicrophone", toggle],
      ["hangup", close],
      ["stop", close],
      ["pause", button],
      ["play", playing],
    ];
    for (const [action, handler] of handlers) this.#handle(action, handler);
  }

  /** What the lock screen and the media card say. */
  show(card: Card): void {
    const said = JSON.stringify(card);
    const session = mediaSession();
    if (session === null || said === this.#shown) return;
    this.#shown = said;
    session.metadata = new MediaMetadata({ title: card.title, artist: card.artist, artwork: ICONS });
    session.playbackState = "playing";
    void session.setMicrophoneActive?.(card.onAir)?.catch(() => {});
  }

  release(): void {
    for (const action of ["togglemicrophone", "hangup", "stop", "pause", "play"]) this.#handle(action, null);
    const session = mediaSession();
    this.#shown = "";
    if (session === null) return;
    session.metadata = null;
    session.playbackState = "none";
  }

  /** A browser refuses the actions it does not know. */
  #handle(action: string, handler: (() => void) | null): void {
    try {
      mediaSession()?.setActionHandler(action as MediaSessionAction, handler);
    } catch {
      // Then its button does nothing here.
    }
  }
}

type Session = MediaSession & { setMicrophoneActive?: (active: boolean) => Promise<void> | undefined };

function mediaSession(): Session | null {
  return "mediaSession" in navigator ? navigator.mediaSession : null;
}
