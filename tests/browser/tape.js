// Runs before the page's own scripts: records what its <audio> element lets out, when the microphone hears something,
// when messages came, and what the lamp showed. All times are ms of the page's clock.
(() => {
  const LOUD = 0.03; // amplitude
  const tape = { blocks: [], said: [], marks: [], lamps: [], socket: null, heardAt: -1 };
  window.tape = tape;

  window.WebSocket = class extends WebSocket {
    constructor(...all) {
      super(...all);
      tape.socket = this;
      this.addEventListener("message", (message) => {
        const { type, active, utterance } = JSON.parse(message.data);
        tape.marks.push({ at: performance.now(), type, active, utterance });
      });
    }
  };

  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...all) {
      super(...all);
      this.addEventListener("track", ({ track }) => track.kind === "audio" && listen(track, (...sound) => keep(track, ...sound)));
    }
  };

  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await ask(wanted);
    for (const track of stream.getAudioTracks()) listen(track, (sound) => isLoud(sound) && tape.said.push(performance.now()));
    return stream;
  };

  const isLoud = (sound) => sound.some((sample) => Math.abs(sample) > LOUD);

  /** `take(sound, rate)` for every 10 ms of the track. */
  async function listen(track, take) {
    const frames = new MediaStreamTrackProcessor({ track, maxBufferSize: 200 }).readable.getReader();
    for (;;) {
      const { done, value: frame } = await frames.read();
      if (done) return;
      const sound = new Float32Array(frame.numberOfFrames);
      frame.copyTo(sound, { planeIndex: 0, format: "f32-planar" });
      take(sound, frame.sampleRate);
      frame.close();
    }
  }

  function keep(track, sound, rate) {
    const element = document.getElementById("voice-out");
    const plays = element && !element.muted && !element.paused && element.srcObject?.getTracks().includes(track);
    const block = new Int16Array(sound.length);
    if (plays) sound.forEach((sample, i) => (block[i] = Math.max(-1, Math.min(1, sample)) * 32767));
    const at = performance.now();
    const heard = plays && isLoud(sound);
    if (heard) tape.heardAt = at;
    tape.blocks.push({ at, rate, block, heard });
  }

  /** The sound between two times (ms), 16 bit little-endian in base64; the rate it has. */
  tape.play = (start, end) => {
    const chosen = tape.blocks.filter(({ at }) => at > start && at <= end);
    let bytes = "";
    for (const { block } of chosen) bytes += String.fromCharCode(...new Uint8Array(block.buffer));
    return { rate: chosen[0]?.rate ?? 48_000, pcm: btoa(bytes) };
  };

  /** When something was heard between two times (ms). */
  tape.heard = (start, end) => tape.blocks.filter(({ at, heard }) => heard && at > start && at <= end).map(({ at }) => at);

  addEventListener("DOMContentLoaded", () => {
    const note = () => {
      const lamp = document.getElementById("lookout")?.dataset.lamp;
      if (lamp && lamp !== tape.lamps.at(-1)) tape.lamps.push(lamp);
    };
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributeFilter: ["data-lamp"] });
  });
})();
