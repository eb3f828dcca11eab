// What the page knows, reduced from the house's messages. Only this module changes it.
// `on(topic, fn)` is called once after all that arrived together; topics are named at each case.

const KEPT_SECONDS = 125; // two minutes of strip and a little more
const KEPT_TASKS = 30;
const KEPT_CLIPS = 50;

const fresh = () => ({
  started: null, // ISO time of session second 0
  seq: null, // the last event applied
  language: null,
  paused: false, voice: true, microphone: true,
  wake: false, // only what begins with the wake word is for the house
  attentive: false, // … but not just now: an answer was given
  wakeWord: {}, // by language
  verbosity: "normal", pace: "normal",
  speaker: "", speaker_zh: "", speakers: {}, // "": the house's own
  stalls: 0,
  observer: null,
  hosts: null, // null until the house has said
  maxSources: null,
  outlets: [], // where alerts are sent
  cameras: [], // configured sources
  examples: {},
  lanes: new Map(),
  areas: new Map(), // lane → {zones, masks}; null: not known, and nothing of it is looked at
  watches: new Map(),
  tasks: new Map(),
  problems: new Map(),
  seconds: new Map(), // session second → {decisions, heard}
  hearing: null, // session second since which the person speaks
  heard: null, // {text, stable, partial, overheard, at}
  saying: null, // the utterance that goes on
  said: null, // the last one: {text, interrupted, at, watch}
  clips: [], // kept in this session, newest last
  shown: null, // what the person asked to be shown
});

export function createStore() {
  let state = fresh();
  // What this browser knows by itself.
  const local = { link: "opening", begun: false, stopped: false, camera: "off", cameras: 0, sharing: false, microphone: "off", media: "off", sound: "ok", place: null, taken: false };
  const listeners = new Map();
  let waiting = null;
  let offset = null; // session seconds minus this browser's seconds

  function tell(...topics) {
    if (!waiting) {
      waiting = new Set();
      queueMicrotask(() => {
        const changed = waiting;
        waiting = null;
        const called = new Set();
        for (const topic of changed) for (const fn of listeners.get(topic) ?? []) called.add(fn);
        for (const fn of called) fn(state, local);
      });
    }
    topics.forEach((topic) => waiting.add(topic));
  }

  function welcome(message) {
    const again = state.started === message.started; // the same session: what is applied stays applied
    const kept = again ? { seq: state.seq, seconds: state.seconds, heard: state.heard, said: state.said, clips: state.clips } : { seq: null };
    const s = message.state ?? {};
    state = { ...fresh(), ...kept, started: message.started };
    for (const name of ["language", "paused", "voice", "microphone", "wake", "attentive", "verbosity", "pace", "speaker", "speaker_zh", "speakers", "observer", "examples"])
      if (s[name] !== undefined) state[name] = s[name];
    state.wakeWord = s.wake_word ?? {};
    state.hosts = s.hosts ?? [];
    state.maxSources = s.max_sources ?? null;
    state.outlets = s.outlets ?? [];
    state.cameras = s.cameras ?? [];
    for (const lane of s.lanes ?? []) state.lanes.set(lane.lane, lane);
    state.areas = new Map(Object.entries(s.areas ?? {}));
    for (const watch of s.watches ?? []) state.watches.set(watch.id, watch);
    for (const task of s.tasks ?? []) state.tasks.set(task.task, { artefacts: [], ...task });
    for (const problem of s.problems ?? []) state.problems.set(problem.where, { severity: "error", ...problem });
    if (!again) offset = null;
    for (const event of s.events ?? []) event_(event, true);
    state.stalls = s.stalls?.count ?? 0; // those of the recent past are among them
    if (state.seq === null && Number.isInteger(message.seq)) state.seq = message.seq;
    tell("all", "link", "lamp", "modes", "lanes", "areas", "watches", "tasks", "problems", "strip", "captions", "memory", "language");
  }

  function event_(e, old = false) {
    if (typeof e.t !== "number") return;
    if (Number.isInteger(e.seq)) {
      if (state.seq !== null && e.seq <= state.seq) return; // applied before the connection broke
      state.seq = e.seq;
    }
    if (!old) offset = e.t - performance.now() / 1000;
    const reduce = events[e.type];
    if (reduce) tell(...reduce(e));
  }

  function second(t) {
    const at = Math.floor(t);
    if (!state.seconds.has(at)) {
      state.seconds.set(at, { t: at, decisions: [], heard: false });
      for (const key of state.seconds.keys()) if (key < at - KEPT_SECONDS) state.seconds.delete(key);
    }
    return state.seconds.get(at);
  }

  const events = {
    decision(e) {
      const cell = second(e.t);
      if (cell.decisions.length < 16) cell.decisions.push(e);
      return ["strip"];
    },
    person_speaking(e) {
      if (!e.active && state.hearing !== null)
        for (let t = Math.max(state.hearing, e.t - KEPT_SECONDS); t < e.t; t += 1) second(t).heard = true;
      second(e.t).heard = true;
      state.hearing = e.active ? e.t : null;
      if (!e.active && state.heard?.partial) state.heard = { ...state.heard, at: e.t };
      return ["lamp", "strip"];
    },
    transcript_partial(e) {
      state.heard = { text: e.text, stable: e.stable ?? "", partial: true, at: e.t };
      return ["captions"];
    },
    overheard(e) {
      state.heard = { text: e.text, overheard: true, at: e.t };
      return ["captions"];
    },
    nothing_said() {
      if (state.heard?.partial) state.heard = null;
      return ["captions"];
    },
    transcript_final(e) {
      second(e.t).heard = true;
      state.heard = { text: e.text, partial: false, at: e.t };
      if (!state.saying) state.said = null; // a new exchange begins
      return ["captions", "strip"];
    },
    utterance_started(e) {
      state.saying = e;
      return ["lamp", "captions"];
    },
    utterance_ended(e) {
      state.stalls += e.stalls ?? 0;
      const text = e.interrupted ? e.heard : (state.saying?.text ?? e.heard);
      if (!state.saying || state.saying.utterance === e.utterance) state.said = { text, interrupted: e.interrupted, at: e.t, watch: state.saying?.watch ?? null };
      if (state.saying?.utterance === e.utterance) state.saying = null;
      return ["lamp", "captions"];
    },
    task_submitted(e) {
      state.tasks.set(e.task, { task: e.task, question: e.question, step: "", fraction: null, status: "running", text: "", artefacts: [], since: e.t });
      const ended = [...state.tasks.values()].filter((task) => task.status !== "running");
      for (const task of ended.slice(0, Math.max(0, state.tasks.size - KEPT_TASKS))) state.tasks.delete(task.task);
      return ["lamp", "tasks"];
    },
    task_progress(e) {
      const task = state.tasks.get(e.task);
      if (task) state.tasks.set(e.task, { ...task, step: e.step, fraction: e.fraction });
      return ["tasks"];
    },
    task_done(e) {
      const task = state.tasks.get(e.task) ?? { task: e.task };
      state.tasks.set(e.task, { ...task, question: e.question, status: e.status, text: e.text, took: e.seconds, artefacts: e.artefacts ?? [], at: e.t });
      return ["lamp", "tasks"];
    },
    watch_changed(e) {
      const gone = ["cancelled", "expired"].includes(e.change) || ["cancelled", "expired", "done"].includes(e.watch.state);
      if (gone) state.watches.delete(e.watch.id);
      else state.watches.set(e.watch.id, e.watch);
      return ["watches"];
    },
    memory_stored: () => ["memory"],
    clip_kept(e) {
      state.clips = [...state.clips, e].slice(-KEPT_CLIPS);
      if (state.watches.has(e.watch)) state.watches.set(e.watch, { ...state.watches.get(e.watch), clip: e.clip });
      return ["captions", "clips", "memory", "watches"];
    },
    moment_shown(e) {
      state.shown = e;
      return ["shown"];
    },
    lane_changed(e) {
      const before = state.lanes.get(e.lane);
      const retried = e.state === "connecting" && before?.state === "down"; // away until it sends pictures
      if (e.state === "ended") state.lanes.delete(e.lane);
      else if (!retried) state.lanes.set(e.lane, { lane: e.lane, state: e.state, detail: e.detail, detail_zh: e.detail_zh, read: before?.read && e.state !== "watching" });
      return ["lanes", "lamp", "problems"];
    },
    areas_changed(e) {
      state.areas.set(e.lane, { zones: e.zones, masks: e.masks });
      return ["areas"];
    },
    mode_changed(e) {
      if (["paused", "voice", "language", "microphone", "wake", "attentive", "verbosity", "pace", "speaker", "speaker_zh"].includes(e.name)) state[e.name] = e.value;
      return ["modes", "lamp", e.name === "language" ? "language" : "modes"];
    },
    problem(e) {
      state.problems.set(e.where, e);
      return ["problems", "lamp"];
    },
    observer_changed(e) {
      state.observer = e;
      state.examples = e.examples;
      return ["observer"];
    },
    alert_delivered(e) {
      const last = { status: e.status, detail: e.detail, detail_zh: e.detail_zh, at: new Date(Date.parse(state.started) + e.t * 1000).toISOString() };
      state.outlets = state.outlets.map((one) => (one.name === e.outlet ? { ...one, last } : one));
      return ["outlets"];
    },
    recovered(e) {
      state.problems.delete(e.where);
      return ["problems", "lamp"];
    },
  };

  return {
    get state() {
      return state;
    },
    local,
    on(topics, fn) {
      for (const topic of topics.split(" ")) listeners.set(topic, [...(listeners.get(topic) ?? []), fn]);
    },
    apply: (message) => (message.type === "welcome" ? welcome(message) : event_(message)),
    setLocal(values, ...topics) {
      Object.assign(local, values);
      tell("lamp", "problems", "link", ...topics);
    },
    /** A problem that the person has read: it stays in the health list, a source's on its chip; the lamp goes on with
     * the day. */
    acknowledge(where) {
      const [list, key] = where.startsWith("lane:") ? [state.lanes, where.slice(5)] : [state.problems, where];
      if (list.has(key)) list.set(key, { ...list.get(key), read: true });
      tell("lamp", "problems");
    },
    /** The session was ended here: nothing goes on any more. */
    settle() {
      for (const [id, task] of state.tasks) if (task.status === "running") state.tasks.delete(id);
      Object.assign(state, { saying: null, said: null, heard: null, hearing: null, lanes: new Map(), problems: new Map() });
      tell("tasks", "captions", "lanes", "problems", "lamp");
    },
    tell,
    /** Session seconds now, as well as this browser can know. */
    now() {
      if (offset !== null) return performance.now() / 1000 + offset;
      return state.started ? Math.max(0, (Date.now() - Date.parse(state.started)) / 1000) : 0;
    },
    /** The wall-clock Date of a session second. */
    wall: (t) => new Date(Date.parse(state.started ?? new Date().toISOString()) + t * 1000),
  };
}
