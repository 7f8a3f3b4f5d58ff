// One segment under the pen: what is said, its silence, its voice, a recording, a word for all.

import { post } from "./asking.js";
import { Recorder } from "./recorder.js";

const FIELDS = ["spoken", "pause_s", "voice", "recording"];
const NAMES = { spoken: "Spoken", pause_s: "Pause", voice: "Voice", recording: "Recording" };
const LARGEST_BYTES = 25_000_000;

export function make(tag, options = {}, ...children) {
  const { dataset, ...rest } = options;
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, dataset ?? {});
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export class Editor {
  #segment;
  #base;
  #on;
  #recorder = new Recorder();
  #fields = {};
  #notice = make("div", { className: "notice", hidden: true });
  #start;

  // on: { close(), say(text) }
  constructor(segment, number, voices, voice, on) {
    this.#segment = segment;
    this.#base = segment.edit;
    this.#on = on;
    this.#notice.setAttribute("role", "alert");
    this.element = this.#build(number, voices, voice);
    this.#fill(this.#base);
  }

  get id() {
    return this.#segment.id;
  }

  get isDirty() {
    const wish = this.#read();
    return FIELDS.some((name) => wish[name] !== this.#base[name]);
  }

  focus() {
    this.#fields.spoken.focus();
  }

  leave() {
    this.#recorder.stop();
  }

  // The segment as the server now has it; what is typed here stays.
  update(segment) {
    const before = this.#segment;
    const mine = this.#read();
    this.#segment = segment;
    if (segment.edit.version === this.#base.version) {
      // said otherwise by the lexicon: not a change of this edit
      if (this.#base.spoken === null && this.#fields.spoken.value === before.spoken) this.#fields.spoken.value = segment.spoken;
      return;
    }
    this.#merge(mine, segment.edit, "This segment was changed elsewhere.");
  }

  #build(number, voices, voice) {
    const rows = Math.min(14, Math.max(5, Math.ceil(this.#segment.spoken.length / 50) + 1));
    const spoken = make("textarea", { id: "edit-spoken", rows, spellcheck: true });
    const pause = make("input", { id: "edit-pause", type: "number", min: 0, max: 10, step: 0.05 });
    const choice = make("select", { id: "edit-voice" }, make("option", { value: "", textContent: `As the episode has it (${voice})` }));
    choice.append(...voices.map((name) => make("option", { value: name, textContent: name })));
    const kept = make("input", { id: "edit-kept", type: "checkbox" });
    this.#fields = { spoken, pause, choice, kept };
    const save = make("button", { type: "submit", className: "main", textContent: "Save" });
    const cancel = make("button", { type: "button", textContent: "Cancel", onclick: () => this.#on.close() });
    const reset = make("button", { type: "button", textContent: "As it was written", onclick: () => this.#reset() });
    const form = make(
      "form",
      { className: "editor", dataset: { segment: this.#segment.id }, onsubmit: (event) => this.#save(event) },
      make("h4", { textContent: `Segment ${number}` }),
      this.#notice,
      labelled("What is said", spoken),
      make("div", { className: "pair" }, labelled("Pause after it, in seconds", pause), labelled("Voice", choice)),
      this.#buildRecording(kept),
      make("div", { className: "deeds" }, save, cancel, reset),
    );
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
      event.preventDefault();
      form.requestSubmit(save);
    });
    const box = make("div", { className: "desk" }, form, this.#buildWord());
    box.setAttribute("aria-label", `Edit segment ${number}`);
    box.setAttribute("role", "group");
    box.addEventListener("dragover", (event) => this.#mark(event, true));
    box.addEventListener("dragleave", (event) => this.#mark(event, false));
    box.addEventListener("drop", (event) => {
      this.#mark(event, false);
      this.#send(event.dataTransfer.files[0]);
    });
    return box;
  }

  #buildRecording(kept) {
    const file = make("input", { id: "edit-file", type: "file", accept: ".wav,.flac,.mp3,.ogg,audio/*", onchange: () => this.#send(file.files[0]) });
    this.#start = make("button", { type: "button", textContent: "Record", onclick: () => this.#record() });
    return make(
      "fieldset",
      { className: "recording" },
      make("legend", { textContent: "Say it yourself" }),
      make("div", { className: "line" }, this.#start, make("label", { htmlFor: "edit-file", textContent: "or drop a WAV, FLAC, MP3 or Ogg file here" }), file),
      make("label", { className: "check", id: "edit-kept-label" }, kept, " Use the recording in place of the voice"),
    );
  }

  #buildWord() {
    const selected = String(getSelection()).trim();
    const written = make("input", { id: "word-written", required: true, maxLength: 200, value: this.#segment.text.includes(selected) ? selected : "" });
    const spoken = make("input", { id: "word-spoken", required: true, maxLength: 200 });
    const pick = (name) => make("button", { type: "button", textContent: name, onclick: () => ((written.value = name), spoken.focus()) });
    const names = make("div", { className: "names", hidden: !this.#segment.names.length }, ...this.#segment.names.map(pick));
    return make(
      "form",
      { className: "word", onsubmit: (event) => this.#addWord(event, written, spoken) },
      make("h4", { textContent: "A word, wherever it stands" }),
      names,
      make("div", { className: "pair" }, labelled("Written", written), labelled("Said", spoken)),
      make("button", { type: "submit", textContent: "Add to the lexicon" }),
    );
  }

  #fill(edit) {
    const { spoken, pause, choice, kept } = this.#fields;
    spoken.value = edit.spoken ?? this.#segment.spoken;
    pause.value = edit.pause_s ?? this.#segment.pause_s;
    choice.value = edit.voice ?? "";
    kept.checked = edit.recording;
    kept.closest("label").hidden = !edit.recording;
  }

  #read() {
    const { spoken, pause, choice, kept } = this.#fields;
    const said = spoken.value.trim();
    const seconds = pause.valueAsNumber;
    return {
      spoken: this.#base.spoken === null && said === this.#segment.spoken.trim() ? null : said,
      pause_s: Number.isNaN(seconds) || (this.#base.pause_s === null && seconds === this.#segment.pause_s) ? null : seconds,
      voice: choice.value || null,
      recording: kept.checked,
    };
  }

  async #save(event) {
    event.preventDefault();
    await this.#try(() => post(`/segments/${this.id}/edit`, { ...this.#read(), expect: this.#base.version }));
  }

  async #reset() {
    await this.#try(() => post(`/segments/${this.id}/edit`, { expect: this.#base.version }));
  }

  async #send(file) {
    if (!file) return;
    if (file.size > LARGEST_BYTES) {
      this.#say("A recording may have 25 MB at most.");
      return;
    }
    const expect = encodeURIComponent(this.#base.version);
    await this.#try(() => post(`/segments/${this.id}/recording?expect=${expect}`, file));
  }

  async #record() {
    if (this.#recorder.isOn) {
      this.#recorder.stop();
      return;
    }
    this.#start.textContent = "Stop recording";
    this.#start.classList.add("live");
    try {
      await this.#send(await this.#recorder.start());
    } catch (error) {
      this.#say(`The microphone cannot be used: ${error.message}`);
    }
    this.#start.textContent = "Record";
    this.#start.classList.remove("live");
  }

  async #addWord(event, written, spoken) {
    event.preventDefault();
    try {
      await post("/word", { written: written.value, spoken: spoken.value });
    } catch (error) {
      this.#say(error.message);
      return;
    }
    this.#on.say(`“${written.value}” is now said “${spoken.value}”.`);
    written.value = spoken.value = "";
  }

  async #try(job) {
    try {
      this.#base = await job();
    } catch (error) {
      if (error.theirs) this.#merge(this.#read(), error.theirs, "This segment was changed elsewhere meanwhile.");
      else this.#say(error.message);
      return;
    }
    this.#on.close();
  }

  // Theirs where nothing was changed here; where both were, mine stays in the form, and theirs is shown.
  #merge(mine, theirs, said) {
    const base = this.#base;
    const changed = FIELDS.filter((name) => theirs[name] !== base[name]);
    const wanted = Object.fromEntries(FIELDS.map((name) => [name, mine[name] === base[name] ? theirs[name] : mine[name]]));
    this.#base = theirs;
    this.#fill(wanted);
    this.#fields.kept.closest("label").hidden = !theirs.recording;
    const list = make("ul", {}, ...changed.map((name) => make("li", { textContent: `${NAMES[name]}: ${describe(theirs[name])}` })));
    const take = make("button", {
      type: "button",
      textContent: "Take theirs",
      onclick: () => {
        this.#fill(theirs);
        this.#notice.hidden = true;
      },
    });
    this.#notice.replaceChildren(make("p", { textContent: `${said} Theirs:` }), list, make("p", { textContent: "What you typed is still here: save it over theirs, or" }), take);
    this.#notice.hidden = false;
  }

  #say(text) {
    this.#notice.replaceChildren(make("p", { textContent: text }));
    this.#notice.hidden = false;
  }

  #mark(event, isOver) {
    event.preventDefault();
    this.element.classList.toggle("over", isOver);
  }
}

function labelled(text, field) {
  return make("div", { className: "field" }, make("label", { htmlFor: field.id, textContent: text }), field);
}

function describe(value) {
  if (value === null) return "as the build would";
  if (value === true) return "a new one";
  if (value === false) return "none";
  return typeof value === "number" ? `${value} s` : `“${value}”`;
}
