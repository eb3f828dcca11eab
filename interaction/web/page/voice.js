// The assistant's voice in this browser: playing it, silencing it at once, and saying how much was really played.

const REPORT_MS = 500;
const AFTER_S = 3; // the jitter buffer plays on after the house has sent the last sample

export class Voice {
  #mutedUntil = 0;
  #timer = 0;
  #receiver = null;
  #reported = 0;
  #spokeAt = -Infinity;
  #on = true;

  /** `report(seconds)`: seconds of the voice that were played on this connection; `onHeld(held)`: autoplay refused. */
  constructor(audio, { report, onHeld }) {
    this.audio = audio;
    this.report = report;
    this.onHeld = onHeld;
    setInterval(() => this.#measure(), REPORT_MS);
    const free = () => this.audio.srcObject && this.audio.paused && this.play();
    addEventListener("pointerdown", free, true);
    addEventListener("keydown", free, true);
  }

  attach(stream, receiver) {
    this.audio.srcObject = stream;
    this.#receiver = receiver;
    this.#reported = 0;
    this.play();
  }

  detach() {
    this.audio.srcObject = null;
    this.#receiver = null;
  }

  async play() {
    try {
      await this.audio.play();
      this.onHeld(false);
    } catch (error) {
      if (error.name === "NotAllowedError") this.onHeld(true);
      else if (error.name !== "AbortError") throw error; // AbortError: a newer stream took the place
    }
  }

  /** Silence for `ms`, at once: what the jitter buffer still holds is not heard. A longer silence stands. */
  mute(ms) {
    this.#mutedUntil = Math.max(this.#mutedUntil, performance.now() + ms);
    this.#apply();
  }

  /** The person switched the voice on or off. */
  enable(on) {
    this.#on = on;
    this.#apply();
  }

  /** An utterance began or ended at the house: how much was played is worth saying meanwhile. */
  speaking(on) {
    this.#spokeAt = on ? Infinity : performance.now();
  }

  #apply() {
    clearTimeout(this.#timer);
    const rest = this.#mutedUntil - performance.now();
    this.audio.muted = !this.#on || rest > 0;
    if (rest > 0) this.#timer = setTimeout(() => this.#apply(), rest);
  }

  async #measure() {
    if (!this.#receiver || performance.now() - this.#spokeAt > AFTER_S * 1000) return;
    for (const entry of (await this.#receiver.getStats()).values()) {
      if (entry.type !== "inbound-rtp" || entry.kind !== "audio") continue;
      // Samples that left the jitter buffer: really received ones, without what was invented to fill gaps.
      const seconds = Math.round(((entry.jitterBufferEmittedCount ?? 0) / 48_000) * 100) / 100;
      if (seconds > this.#reported) this.report((this.#reported = seconds));
    }
  }
}
