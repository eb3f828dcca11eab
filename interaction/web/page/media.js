// Camera and microphone of this browser: asking for them, saying why not, and noticing when they go and come back.

const VIDEO = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 10, max: 15 } };
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: { ideal: 1 } };

export class Media {
  #context = null;
  #silence = null;
  #wanted = { camera: false, microphone: false };
  #looking = false;
  tracks = { camera: null, microphone: null };

  /** `onDevice(what, state, detail)`: state is ok, refused, none, lost, busy, insecure or off. */
  constructor({ onDevice }) {
    this.onDevice = onDevice;
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#plugged());
  }

  /** Ask for what is wanted; resolves when each has been granted or refused. */
  async start({ camera, microphone }) {
    this.#wanted = { camera: camera || this.#wanted.camera, microphone: microphone || this.#wanted.microphone };
    const missing = { camera: camera && !this.tracks.camera, microphone: microphone && !this.tracks.microphone };
    if (!missing.camera && !missing.microphone) return;
    if (!navigator.mediaDevices?.getUserMedia) {
      for (const what of Object.keys(missing)) if (missing[what]) this.onDevice(what, "insecure", "no secure context");
      return;
    }
    if (missing.camera && missing.microphone) {
      try {
        // One question for both; when it fails, each alone tells which one it was.
        return this.#take(await navigator.mediaDevices.getUserMedia({ video: VIDEO, audio: AUDIO }));
      } catch (error) {
        if (!(error instanceof DOMException)) throw error;
      }
    }
    if (missing.camera) await this.#ask("camera", { video: VIDEO });
    if (missing.microphone) await this.#ask("microphone", { audio: AUDIO });
  }

  /** The microphone's track or silence: the house's side of the connection needs an audio track to begin. */
  audio() {
    if (this.tracks.microphone) return this.tracks.microphone;
    if (!this.#silence) {
      this.#context = new AudioContext();
      this.#silence = this.#context.createMediaStreamDestination().stream.getAudioTracks()[0];
    }
    return this.#silence;
  }

  listen(on) {
    if (this.tracks.microphone) this.tracks.microphone.enabled = on;
  }

  stop() {
    this.#wanted = { camera: false, microphone: false };
    for (const what of Object.keys(this.tracks)) {
      this.tracks[what]?.stop();
      this.tracks[what] = null;
      this.onDevice(what, "off", "");
    }
  }

  /** The person goes on without it: it is not asked for again by itself. */
  forgo(what) {
    this.#wanted[what] = false;
    this.onDevice(what, "off", "");
  }

  async #ask(what, constraints) {
    try {
      this.#take(await navigator.mediaDevices.getUserMedia(constraints));
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.onDevice(what, reason(error), error.name);
    }
  }

  #take(stream) {
    for (const track of stream.getTracks()) {
      const what = track.kind === "video" ? "camera" : "microphone";
      this.tracks[what]?.stop();
      this.tracks[what] = track;
      if (what === "camera") track.contentHint = "detail"; // text in the picture matters more than smooth motion
      track.addEventListener("ended", () => this.#lost(what, track));
      this.onDevice(what, "ok", track.label);
    }
  }

  #lost(what, track) {
    if (this.tracks[what] !== track) return;
    this.tracks[what] = null;
    this.onDevice(what, "lost", track.label);
  }

  async #plugged() {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const kinds = new Set((await navigator.mediaDevices.enumerateDevices()).map((device) => device.kind));
      const back = {
        camera: this.#wanted.camera && !this.tracks.camera && kinds.has("videoinput"),
        microphone: this.#wanted.microphone && !this.tracks.microphone && kinds.has("audioinput"),
      };
      if (back.camera || back.microphone) await this.start(back);
    } finally {
      this.#looking = false;
    }
  }
}

function reason(error) {
  if (["NotAllowedError", "SecurityError", "PermissionDeniedError"].includes(error.name)) return "refused";
  if (["NotFoundError", "OverconstrainedError", "DevicesNotFoundError"].includes(error.name)) return "none";
  return "busy"; // NotReadableError, AbortError: there, but another program has it
}
