/** Keeps the screen on while the panel is up, and tells the phone what kind of sound this page makes. */

type SessionType = "auto" | "playback" | "play-and-record";

/** iOS decides route, level and background life by this; before anything else makes sound. */
export function announceCall(): void {
  const session = (navigator as { audioSession?: { type: SessionType } }).audioSession;
  if (session !== undefined) session.type = "play-and-record";
}

export class Awake {
  #wanted = false;
  #asking = false;
  #lock: WakeLockSentinel | null = null;

  /** The browser drops the lock of a hidden page, so this is called again when it is back. */
  async hold(): Promise<void> {
    this.#wanted = true;
    if (!("wakeLock" in navigator) || document.hidden || this.#lock?.released === false) return;
    // Asked for twice there would be two, and only the last could be given back.
    if (this.#asking) return;
    this.#asking = true;
    try {
      this.#lock = await navigator.wakeLock.request("screen");
      if (!this.#wanted) this.release();
    } catch {
      // Refused on low battery: the screen then sleeps as usual.
    } finally {
      this.#asking = false;
    }
  }

  release(): void {
    this.#wanted = false;
    void this.#lock?.release();
    this.#lock = null;
  }
}
