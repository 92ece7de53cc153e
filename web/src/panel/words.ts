/** The few words a key has room for. */

const REASONS: Readonly<Record<string, string>> = {
  unknown_key: "not on your panel",
  listen_only: "listen only",
  not_allowed: "no access",
  forced: "always open",
  killed: "closed by director",
  show_changed: "show changed",
  no_beat: "phone stalled",
  link_lost: "connection lost",
  media_lost: "audio lost",
};

/** A reason in at most three words; an unknown one in the appliance's own sentence. */
export function shortReason(reason: string, text: string): string {
  return REASONS[reason] ?? text;
}
