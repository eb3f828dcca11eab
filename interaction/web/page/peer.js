// A media connection to the house (WebRTC): camera and microphone up, the voice down; or a shared screen up. FastRTC
// answers at the other end; it wants a data channel named "text", a "handshake" on it, and with a camera an audio track.

const GATHER_MS = 2000; // no trickle: local candidates are there in a few ms, a dead interface may hold up the end
const BACK_OFF_MS = [1000, 2000, 4000, 8000];
const VIDEO_BITS = { camera: 900_000, screen: 1_500_000 }; // 640×480 at 10 fps, 1920×1080 at 5, with readable text

export class Peer {
  #connection = null;
  #tracks = null;
  #attempt = 0;
  #timer = 0;
  #turn = 0;
  #id = null;

  /** `lane`: "camera" or "screen"; `tracks()` gives {audio, video}, each may be null; `onVoice(MediaStream, receiver)`; `onState("off"|"connecting"|"connected"|"lost", why)`;
   * `useful()`: whether it makes sense to try again by itself. */
  constructor({ lane, tracks, useful, onVoice = () => {}, onState = () => {} }) {
    this.lane = lane;
    this.tracks = tracks;
    this.onVoice = onVoice;
    this.onState = onState;
    this.useful = useful;
  }

  async connect() {
    const turn = this.#drop();
    const { audio, video } = this.tracks();
    this.onState("connecting");
    const configuration = await relays();
    if (turn !== this.#turn) return;
    const connection = new RTCPeerConnection(configuration);
    this.#connection = connection;
    this.#tracks = { audio: null, video: null };
    const channel = connection.createDataChannel("text");
    channel.addEventListener("open", () => channel.send("handshake"));
    connection.addEventListener("track", (event) => {
      if (event.track.kind === "audio") this.onVoice(new MediaStream([event.track]), event.receiver);
    });
    connection.addEventListener("connectionstatechange", () => this.#changed(connection));
    if (audio) this.#tracks.audio = connection.addTrack(audio, new MediaStream([audio]));
    if (video) this.#tracks.video = connection.addTrack(video, new MediaStream([video]));
    try {
      await connection.setLocalDescription(await connection.createOffer());
      await gathered(connection);
      const answer = await post(connection.localDescription, this.lane);
      if (turn !== this.#turn) return;
      this.#id = answer.connection ?? null;
      await connection.setRemoteDescription(answer);
      if (this.#tracks.video) await limit(this.#tracks.video, VIDEO_BITS[this.lane]);
    } catch (error) {
      if (turn === this.#turn) this.#again(error.message);
    }
  }

  /** Tracks changed: swap them in place where there is a place, else offer anew. */
  async refresh() {
    if (!this.#connection) return;
    const { audio, video } = this.tracks();
    if (video && !this.#tracks.video) return this.connect();
    await this.#tracks.audio?.replaceTrack(audio);
    await this.#tracks.video?.replaceTrack(video ?? null);
  }

  get active() {
    return this.#connection !== null;
  }

  /** The house's name of this connection: said with each heartbeat, so that its camera lives as long as this page. */
  get id() {
    return this.#id;
  }

  close() {
    this.#drop();
    this.onState("off");
  }

  #drop() {
    clearTimeout(this.#timer);
    this.#connection?.close();
    this.#connection = null;
    this.#id = null;
    this.#turn += 1;
    return this.#turn;
  }

  #changed(connection) {
    if (connection !== this.#connection) return;
    if (connection.connectionState === "connected") {
      this.#attempt = 0;
      this.onState("connected");
    } else if (connection.connectionState === "failed") {
      this.#again("failed");
    }
  }

  #again(why) {
    this.#drop();
    this.onState("lost", why);
    const wait = BACK_OFF_MS[Math.min(this.#attempt, BACK_OFF_MS.length - 1)];
    this.#attempt += 1;
    this.#timer = setTimeout(() => this.useful() && this.connect(), wait);
  }
}

/** Relay servers if the house names some. None by default: not even a STUN server of anyone else is asked. */
async function relays() {
  const answer = await fetch("/api/ice", { credentials: "same-origin" }).catch(() => null);
  const body = answer?.ok ? await answer.json().catch(() => null) : null;
  return { iceServers: Array.isArray(body?.iceServers) ? body.iceServers : [] };
}

function gathered(connection) {
  if (connection.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHER_MS);
    connection.addEventListener("icegatheringstatechange", () => {
      if (connection.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      resolve();
    });
  });
}

async function post({ sdp, type }, lane) {
  const answer = await fetch("/api/offer", {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ sdp, type, lane }),
  });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok || !body.sdp) throw new Error(body.error?.message ?? `offer: ${answer.status}`);
  return body;
}

async function limit(sender, bits) {
  const parameters = sender.getParameters();
  if (!parameters.encodings?.length) return;
  parameters.encodings[0].maxBitrate = bits;
  parameters.degradationPreference = "maintain-resolution";
  await sender.setParameters(parameters);
}
