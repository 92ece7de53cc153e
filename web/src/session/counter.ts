/** Numbers for presses, releases and listens: each larger than any this station used before. */
export class Counter {
  #last = 0;

  next(): number {
    this.#last += 1;
    return this.#last;
  }

  /** The appliance remembers `n` from before a reload of this page. */
  raise(n: number): void {
    this.#last = Math.max(this.#last, n);
  }
}
