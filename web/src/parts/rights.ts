/** Whether a role does anything for others: cues, kills, the door. */
export function directs(rights: readonly string[]): boolean {
  return ["calls", "kill", "approve"].some((right) => rights.includes(right));
}
