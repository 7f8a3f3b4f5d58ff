// The page: it shows what the server says, and asks for what the writer does.

import { getJson, listen, post } from "./asking.js";
import { Editor, make } from "./editor.js";
import { Waveform } from "./waveform.js";

const STAGES = { voice: "Speaking", encode: "Encoding" };
const $ = (id) => document.getElementById(id);

let state = null;
let chosen = "";
let editor = null;
let single = false; // one segment is played, not the episode
let stale = false;
let fetching = false;
let unsaved = null; // what was typed for a segment that is not there any more
const rows = new Map(); // by id: the element, and what it shows

const wave = new Waveform($("wave"), $("audio"), {
  select: (id) => choose(id),
  time: showTime,
  playing: showPlaying,
});

// -- what comes from the server

listen(hear, () => say("The connection is lost. Is reviewcast still running?"));

function hear(message) {
  if (message.kind === "progress") {
    say(`${STAGES[message.what] ?? message.what}: ${message.done} of ${message.total}`, message.done / message.total);
  } else if (message.kind === "noticed" || message.kind === "warned") {
    say(message.message);
  } else if (message.kind === "busy") {
    document.body.classList.add("busy");
    say(message.what === "build" ? "Building…" : "Reading…", 0);
  } else {
    refresh();
  }
}

async function refresh() {
  stale = true;
  if (fetching) return;
  fetching = true;
  try {
    while (stale) {
      stale = false;
      await show(await getJson("/state"));
    }
  } catch (error) {
    if (error.code !== 404) say(error.message); // a version that is gone: a newer one is on its way
  }
  fetching = false;
}

async function show(fresh) {
  state = fresh;
  document.title = `${state.title} · preview`;
  $("title").textContent = state.title;
  $("facts").replaceChildren(...[state.review, `voice ${state.voice}`, `${state.segments.length} segments`].map((text) => make("span", { textContent: text })));
  $("undo").disabled = !state.undo;
  $("undo").title = state.undo ? `Undo: ${state.undo}` : "";
  $("build").disabled = state.busy === "build";
  document.body.classList.toggle("busy", Boolean(state.busy));
  showSegments();
  showOmitted();
  showFailure();
  showRemarks();
  showBuilt();
  if (state.audio) {
    $("play").disabled = false;
    showChapters();
    await wave.show(state.audio, state.segments);
    $("whole").textContent = toClock(state.audio.duration_s);
    if (!state.busy) sayReady();
  }
  document.body.dataset.version = state.audio?.version ?? "";
  document.body.dataset.ready = String(!state.busy && !stale);
}

function sayReady() {
  const { voiced, loudness } = state.audio;
  const silent = listSilent();
  const count = voiced === 0 ? "Nothing had to be spoken" : `${voiced} ${voiced === 1 ? "segment" : "segments"} spoken`;
  const said = silent.length ? `${silent.join(", ")} did not speak, ${state.voice} did` : count;
  say(`${said}. ${toClock(state.audio.duration_s)} at ${toLufs(loudness.integrated_lufs)}.`);
}

// The voices that were chosen for segments, and did not speak them.
function listSilent() {
  const names = state.segments.filter(isReplaced).map((segment) => segment.edit.voice);
  return [...new Set(names)];
}

function isReplaced(segment) {
  return segment.edit.voice !== null && segment.edit.voice !== segment.voice && !segment.edit.recording;
}

// -- segments

function showSegments() {
  const order = [];
  let chapter = null;
  let list = null;
  const parts = [];
  state.segments.forEach((segment, index) => {
    if (!list || segment.chapter !== chapter) {
      chapter = segment.chapter;
      list = { chapter, rows: [] };
      parts.push(list);
    }
    list.rows.push(showRow(segment, index));
    order.push(segment.id);
  });
  for (const id of [...rows.keys()]) if (!order.includes(id)) rows.delete(id);
  const key = JSON.stringify([order, parts.map((part) => part.chapter)]);
  if ($("segments").dataset.key !== key) {
    $("segments").dataset.key = key;
    $("segments").replaceChildren(
      ...parts.map((part) => make("section", { className: "chapter" }, make("h3", { textContent: part.chapter }), make("ol", {}, ...part.rows))),
    );
  }
  if (!rows.has(chosen)) choose(order[0] ?? "", { quietly: true });
  if (editor && !rows.has(editor.id)) {
    if (editor.isDirty) unsaved = editor.typed;
    closeEditor();
  }
  editor?.update(state.segments.find((segment) => segment.id === editor.id));
}

function showRow(segment, index) {
  const key = JSON.stringify([segment, index, state.voice]);
  let row = rows.get(segment.id);
  if (!row) {
    row = { element: make("li", { className: "segment", tabIndex: -1, dataset: { id: segment.id } }), key: "" };
    rows.set(segment.id, row);
  }
  if (row.key === key) return row.element;
  row.key = key;
  const number = index + 1;
  const play = make("button", { type: "button", className: "number", dataset: { deed: "play" } }, make("span", { textContent: number }));
  play.setAttribute("aria-label", `Play segment ${number}`);
  const edit = make("button", { type: "button", className: "quiet", textContent: "Edit", dataset: { deed: "edit" } });
  edit.setAttribute("aria-label", `Edit segment ${number}`);
  const differs = segment.spoken !== segment.text;
  const said = segment.edit.recording
    ? make("p", { className: "spoken", textContent: "Your own recording" })
    : make("p", { className: differs ? "spoken differs" : "spoken", textContent: differs ? segment.spoken : "as written" });
  const body = make(
    "div",
    { className: "words" },
    make("p", { className: `written ${segment.role}`, textContent: segment.text }),
    make("div", { className: "saying" }, make("span", { className: "unseen", textContent: "Spoken:" }), said, describeChanges(segment)),
  );
  row.element.replaceChildren(play, body, make("div", { className: "side" }, describeFacts(segment), edit));
  if (editor?.id === segment.id) row.element.append(editor.element);
  return row.element;
}

function describeFacts(segment) {
  const length = `${segment.known ? "" : "≈ "}${segment.length_s.toFixed(1)} s`;
  const facts = [length];
  if (segment.role !== "narrator") facts.unshift(segment.role);
  const marks = [];
  if (segment.edit.spoken !== null) marks.push("edited");
  if (segment.edit.pause_s !== null) marks.push(`pause ${segment.pause_s} s`);
  const options = Object.entries(segment.options);
  if (isReplaced(segment)) marks.push(`${segment.voice} in place of ${segment.edit.voice}`);
  else if (segment.edit.voice !== null || segment.voice !== state.voice || options.length) marks.push([segment.voice, ...options.map((option) => option.join(" "))].join(", "));
  if (segment.edit.recording) marks.push("recorded");
  if (!segment.known) marks.push("not spoken yet");
  return make("p", { className: "facts" }, ...facts.map((text) => make("span", { textContent: text })), ...marks.map((text) => make("span", { className: "mark", textContent: text })));
}

function describeChanges(segment) {
  if (!segment.changes.length) return null;
  const items = segment.changes.map(([written, spoken, rule]) =>
    make("li", {}, make("span", { textContent: `${written.trim() || "␣"} → ${spoken.trim() || "nothing"}` }), " ", make("small", { textContent: rule })),
  );
  return make("ul", { className: "changes" }, ...items);
}

function showOmitted() {
  const items = [
    ...state.omitted.map((one) => make("li", {}, make("span", { textContent: one.text }), " ", make("small", { textContent: one.reason }))),
    ...state.unfit.map((text) => make("li", {}, make("span", { textContent: text }), " ", make("small", { textContent: "an edit that fits no segment any more, and is kept" }))),
  ];
  $("omitted").hidden = items.length === 0;
  $("omitted").replaceChildren(make("h3", { textContent: "Left out" }), make("ul", {}, ...items));
}

// -- choosing, playing

function choose(id, { quietly = false, focus = false } = {}) {
  rows.get(chosen)?.element.removeAttribute("aria-current");
  chosen = id;
  const element = rows.get(id)?.element;
  if (!element) return;
  element.setAttribute("aria-current", "true");
  wave.choose(id);
  if (quietly) return;
  if (focus) element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const ids = state.segments.map((segment) => segment.id);
  const next = ids[Math.max(0, Math.min(ids.length - 1, ids.indexOf(chosen) + by))];
  choose(next, { focus: true });
}

async function playSegment(id) {
  const place = wave.getPlace(id);
  if (!place) {
    say("It is not spoken yet.");
    return;
  }
  single = true;
  await wave.play(place.start, place.end);
}

async function toggle() {
  if (wave.isPlaying) {
    wave.pause();
    return;
  }
  single = false;
  await wave.play();
}

function showPlaying(isPlaying) {
  document.body.classList.toggle("playing", isPlaying);
  $("play").setAttribute("aria-label", isPlaying ? "Pause" : "Play");
}

function showTime(time) {
  $("now").textContent = toClock(time);
  const here = wave.findAt(time);
  for (const element of document.querySelectorAll(".segment.heard")) {
    if (element.dataset.id !== here) element.classList.remove("heard");
  }
  const element = rows.get(here)?.element;
  if (!element || !wave.isPlaying) return;
  element.classList.add("heard");
  if (!single && !editor && here !== chosen) choose(here);
}

function showChapters() {
  const key = JSON.stringify(state.audio.chapters);
  if ($("chapter").dataset.key === key) return;
  $("chapter").dataset.key = key;
  $("chapter").replaceChildren(
    ...state.audio.chapters.map((chapter) => make("option", { value: chapter.start_s, textContent: `${toClock(chapter.start_s)}  ${chapter.title}` })),
  );
}

// -- changing

function openEditor(id) {
  const segment = state.segments.find((one) => one.id === id);
  if (!segment) return;
  if (editor && !mayClose()) return;
  closeEditor();
  choose(id);
  editor = new Editor(segment, state.segments.indexOf(segment) + 1, state.voices, state.voice, { close: closeEditor, say });
  rows.get(id).element.append(editor.element);
  rows.get(id).element.classList.add("open");
  editor.focus();
  const room = innerHeight - $("deck").getBoundingClientRect().bottom;
  editor.element.scrollIntoView({ block: editor.element.offsetHeight > room ? "start" : "nearest" });
}

function closeEditor() {
  if (!editor) return;
  const element = rows.get(editor.id)?.element;
  editor.leave();
  editor.element.remove();
  editor = null;
  element?.classList.remove("open");
  element?.focus({ preventScroll: true });
}

function mayClose() {
  return !editor?.isDirty || confirm("Leave what you typed here unsaved?");
}

async function ask(path) {
  try {
    return await post(path);
  } catch (error) {
    say(error.message);
    return {};
  }
}

async function undo() {
  const { undone } = await ask("/undo");
  if (undone) say(`Undone: ${undone}.`);
}

function showFailure() {
  const failure = state.failure;
  $("failure").hidden = !failure;
  if (!failure) return;
  const again = make("button", { type: "button", textContent: "Try again", onclick: () => ask("/render") });
  $("failure").replaceChildren(make("p", {}, make("strong", { textContent: failure.message }), ` ${failure.hint}`), again);
  say("");
}

function showRemarks() {
  const lines = [...state.remarks];
  if (unsaved !== null) lines.push(`The segment that you were editing is not in the review any more. You had typed: “${unsaved}”`);
  const key = JSON.stringify([lines, state.absent]);
  if ($("remarks").dataset.key === key) return;
  $("remarks").dataset.key = key;
  $("remarks").hidden = lines.length === 0;
  const again = make("button", { type: "button", textContent: "Ask the voice again", hidden: !state.absent, onclick: () => ask("/render") });
  const drop = make("button", { type: "button", textContent: "Forget what was typed", hidden: unsaved === null, onclick: () => ((unsaved = null), showRemarks()) });
  $("remarks").replaceChildren(...lines.map((textContent) => make("p", { textContent })), again, drop);
}

function showBuilt() {
  const built = state.built;
  if (built) $("built").classList.toggle("old", built.version !== state.audio?.version);
  const key = JSON.stringify(built);
  if ($("built").dataset.key === key) return;
  $("built").dataset.key = key;
  $("built").hidden = !built;
  if (!built) return;
  const facts = [
    ["File", built.file],
    ["Length", toClock(built.duration_s)],
    ["Loudness", toLufs(built.loudness.integrated_lufs)],
    ["True peak", `${built.loudness.true_peak_dbtp.toFixed(1).replace("-", "−")} dBTP`],
    ["Voice", built.voice],
    ["Size", `${(built.size_bytes / 1e6).toFixed(1)} MB`],
  ];
  $("built").replaceChildren(
    make("h2", { id: "built-title", textContent: "The episode is built" }),
    make("p", { className: "since", textContent: "You have changed it since: build it again when you are done." }),
    make("dl", {}, ...facts.map(([name, value]) => make("div", {}, make("dt", { textContent: name }), make("dd", { textContent: value })))),
    make("ol", {}, ...built.chapters.map((chapter) => make("li", {}, make("span", { className: "clock", textContent: toClock(chapter.start_s) }), ` ${chapter.title}`))),
  );
  $("built").focus();
}

// -- small things

function say(text, share = null) {
  $("status").textContent = text;
  $("progress").hidden = share === null;
  if (share !== null) $("progress").value = share;
}

function toClock(seconds) {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

function toLufs(value) {
  return `${value.toFixed(1).replace("-", "−")} LUFS`;
}

// -- hands

$("play").addEventListener("click", toggle);
$("undo").addEventListener("click", undo);
$("build").addEventListener("click", () => ask("/build"));
$("zoom").addEventListener("input", () => wave.zoom($("zoom").valueAsNumber / 100));
$("chapter").addEventListener("change", () => {
  wave.goTo(Number($("chapter").value));
  choose(wave.findAt(Number($("chapter").value) + 0.1) || chosen);
});

$("segments").addEventListener("click", (event) => {
  const row = event.target.closest(".segment");
  if (!row || event.target.closest(".desk")) return;
  const deed = event.target.closest("button")?.dataset.deed;
  choose(row.dataset.id, { quietly: true });
  if (deed === "play") playSegment(row.dataset.id);
  if (deed === "edit") {
    if (editor?.id !== row.dataset.id) openEditor(row.dataset.id);
    else if (mayClose()) closeEditor();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && editor) {
    if (mayClose()) closeEditor();
    return;
  }
  if (!state || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) return;
  const onButton = event.target.closest("button, a, summary");
  const deeds = { j: () => step(1), k: () => step(-1), e: () => openEditor(chosen), u: undo };
  if (!onButton) Object.assign(deeds, { " ": toggle, Enter: () => playSegment(chosen) });
  const deed = deeds[event.key];
  if (!deed) return;
  event.preventDefault();
  deed();
});

// what is scrolled to never lies under the player, however high it is
new ResizeObserver(() => document.documentElement.style.setProperty("--deck", `${$("deck").offsetHeight}px`)).observe($("deck"));

addEventListener("beforeunload", (event) => {
  if (editor?.isDirty) event.preventDefault();
});
