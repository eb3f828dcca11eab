// Camera, microphone and screen of this browser: asking for them, saying why not, and noticing when they go and come back.

const VIDEO = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 10, max: 15 } };
const SCREEN = { width: { max: 1920 }, height: { max: 1920 }, frameRate: { ideal: 5, max: 10 } }; // the house takes no larger
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: { ideal: 1 } };

export class Media {
  #context = null;
  #silence = null;
  #wanted = { camera: false, microphone: false };
  #looking = false;
  tracks = { camera: null, microphone: null };
  screen = null; // the track of the shared screen

  /** `onDevice(what, state, detail)`: state is ok, refused, none, lost, busy, insecure or off; `onScreen()`: it is shared, another one
   * is, or none any more. */
  constructor({ onDevice, onScreen }) {
    this.onDevice = onDevice;
    this.onScreen = onScreen;
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

  /** How many cameras this device has; 0 where it does not say. */
  async cameras() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.filter((device) => device.kind === "videoinput").length;
  }

  /** The next camera of this device (back and front). A phone opens one at a time, so the present one goes first. */
  async turn() {
    const present = this.tracks.camera?.getSettings().deviceId;
    const all = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
    if (all.length < 2) return;
    const next = all[(all.findIndex((device) => device.deviceId === present) + 1) % all.length];
    this.tracks.camera?.stop();
    await this.#ask("camera", { video: { ...VIDEO, deviceId: { exact: next.deviceId } } });
    if (this.tracks.camera?.readyState === "ended") await this.#ask("camera", { video: VIDEO }); // it could not be had
  }

  /** The screen, or a window that the person chooses, beside the camera until they end it. */
  async share() {
    let stream;
    try {
      stream = await navigator.mediaDevices.getDisplayMedia({ video: SCREEN });
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      return; // none was chosen
    }
    const [track] = stream.getVideoTracks();
    this.screen?.stop();
    this.screen = track;
    track.contentHint = "detail";
    track.addEventListener("ended", () => this.screen === track && this.unshare()); // by the browser's own bar
    this.onScreen();
  }

  unshare() {
    if (!this.screen) return;
    this.screen.stop();
    this.screen = null;
    this.onScreen();
  }

  listen(on) {
    if (this.tracks.microphone) this.tracks.microphone.enabled = on;
  }

  /** Camera and microphone; a shared screen goes on. */
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
