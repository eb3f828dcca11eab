// The one WebSocket to the house: hello and resume by sequence number, heartbeat, reconnecting with back-off.

const HEARTBEAT_MS = 3000; // the house ends the camera lane after 10 s without one
const SILENCE_MS = 12_000; // four heartbeats without any answer: the line is dead, whatever the socket says
const ENDED = 4410; // the session is over: stopped in another tab, or idle for long
const BACK_OFF_MS = [300, 700, 1500, 3000, 5000, 8000];

export class Connection {
  #socket = null;
  #attempt = 0;
  #timer = 0;
  #heard = 0;
  #wanted = false;
  #beat = 0;

  /** `hello()` and `heartbeat()` give those messages; `onMessage(message)`; `onLink("open"|"lost"|"full"|"denied"|"ended"|"closed")`. */
  constructor({ hello, heartbeat, onMessage, onLink }) {
    this.hello = hello;
    this.heartbeat = heartbeat;
    this.onMessage = onMessage;
    this.onLink = onLink;
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#hurry());
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  async open() {
    this.#wanted = true;
    clearTimeout(this.#timer);
    this.#leave();
    try {
      const answer = await fetch("/api/session", { method: "POST", credentials: "same-origin" });
      if (answer.status === 401 || answer.status === 403) return this.onLink("denied");
      if (answer.status === 503) return this.#again("full"); // even the queue is
      if (!answer.ok) throw new Error(`session: ${answer.status}`);
    } catch {
      return this.#again();
    }
    if (!this.#wanted) return;
    const url = new URL("/ws", location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#heard = performance.now();
      socket.send(JSON.stringify(this.hello()));
      clearInterval(this.#beat);
      this.#beat = setInterval(() => this.#heartbeat(), HEARTBEAT_MS);
    });
    socket.addEventListener("message", (event) => this.#receive(socket, event.data));
    socket.addEventListener("close", (event) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      clearInterval(this.#beat);
      if (event.code === ENDED) {
        this.#wanted = false;
        return this.onLink("ended");
      }
      this.#again();
    });
  }

  /** True when the message went out. */
  send(message) {
    if (!this.isOpen) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  close() {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#leave();
    this.onLink("closed");
  }

  #leave() {
    clearInterval(this.#beat);
    const socket = this.#socket;
    this.#socket = null; // its own closing is then no news
    socket?.close(1000);
  }

  #receive(socket, data) {
    if (this.#socket !== socket) return;
    this.#heard = performance.now();
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return console.warn("Lookout: a message that is not JSON was left out");
    }
    if (message.type === "welcome") {
      this.#attempt = 0;
      this.onLink("open");
    }
    this.onMessage(message);
  }

  #heartbeat() {
    if (performance.now() - this.#heard > SILENCE_MS) {
      this.#leave(); // close() may wait for the dead other side; go on without it
      return this.#again();
    }
    this.send(this.heartbeat());
  }

  #again(link = "lost") {
    if (!this.#wanted) return;
    this.onLink(link);
    const wait = BACK_OFF_MS[Math.min(this.#attempt, BACK_OFF_MS.length - 1)];
    this.#attempt += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.open(), wait * (0.8 + 0.4 * Math.random()));
  }

  #hurry() {
    if (this.#wanted && !this.#socket && this.#attempt) this.open();
  }
}
