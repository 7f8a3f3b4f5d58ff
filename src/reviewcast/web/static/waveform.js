// The whole episode as a picture: a region for each segment, a mark for each chapter.

import Regions from "./vendor/wavesurfer-regions.esm.js";
import WaveSurfer from "./vendor/wavesurfer.esm.js";
import { getJson } from "./asking.js";

const WIDEST_PX_PER_S = 120;

export class Waveform {
  #surfer;
  #regions;
  #container;
  #version = "";
  #duration = 0;
  #drawn = false; // a long episode can be played before it can be drawn
  #places = [];
  #shown = new Map();
  #chosen = "";

  // on: { select(id), time(seconds), playing(isPlaying) }
  constructor(container, audio, on) {
    this.#container = container;
    this.#regions = Regions.create();
    this.#surfer = WaveSurfer.create({
      container,
      media: audio,
      height: 88,
      barWidth: 2,
      barGap: 1,
      barRadius: 2,
      normalize: true,
      cursorWidth: 2,
      dragToSeek: true,
      autoCenter: true,
      cspNonce: document.documentElement.dataset.nonce,
      plugins: [this.#regions],
      ...this.#readColours(),
    });
    this.#regions.on("region-clicked", (region) => this.#shown.has(region.id) && on.select(region.id));
    this.#surfer.on("timeupdate", on.time);
    this.#surfer.on("play", () => on.playing(true));
    this.#surfer.on("pause", () => on.playing(false));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#surfer.setOptions(this.#readColours());
      this.#paint();
    });
  }

  get isPlaying() {
    return this.#surfer.isPlaying();
  }

  // Takes a version of the episode in place of the one that is there; the place that is heard stays.
  async show(audio, segments) {
    const places = segments.filter((one) => one.place).map((one) => ({ id: one.id, start: one.place[0], end: one.place[1] }));
    if (audio.version !== this.#version) {
      const time = this.#mapTime(this.#surfer.getCurrentTime(), places);
      const wasPlaying = this.isPlaying;
      await this.#load(audio);
      this.#surfer.setTime(Math.min(time, audio.duration_s));
      if (wasPlaying) await this.play();
    } else if (audio.drawn && !this.#drawn) {
      await this.#load(audio);
    }
    this.#places = places;
    this.#draw(audio.chapters);
  }

  choose(id) {
    this.#chosen = id;
    this.#paint();
  }

  findAt(time) {
    let found = "";
    for (const place of this.#places) {
      if (place.start > time + 0.02) break;
      found = place.id;
    }
    return found;
  }

  // zoom: 0 shows all of it, 1 is as near as it goes
  zoom(share) {
    const least = this.#container.clientWidth / Math.max(1, this.#duration);
    this.#surfer.zoom(share === 0 ? 0 : least * (WIDEST_PX_PER_S / least) ** share);
  }

  async play(start, end) {
    // a new version may come in between, and takes the old one's promise with it
    await this.#surfer.play(start, end).catch((error) => {
      if (error.name !== "AbortError") throw error;
    });
  }

  pause() {
    this.#surfer.pause();
  }

  goTo(time) {
    this.#surfer.setTime(time);
  }

  getPlace(id) {
    return this.#places.find((place) => place.id === id);
  }

  async #load(audio) {
    const levels = audio.drawn ? await getJson(`/levels/${audio.version}.json`) : [0, 0];
    const peaks = [Float32Array.from(levels, (level) => level / 100)];
    this.#version = audio.version;
    this.#duration = audio.duration_s;
    this.#drawn = audio.drawn;
    // in full, so that the same address is known again and what plays goes on
    await this.#surfer.load(new URL(`/audio/${audio.version}.mp3`, location).href, peaks, audio.duration_s);
  }

  #mapTime(time, places) {
    const before = this.#places.findLast((place) => place.start <= time);
    const after = before && places.find((place) => place.id === before.id);
    return after ? after.start + Math.min(time - before.start, after.end - after.start) : time;
  }

  #draw(chapters) {
    this.#regions.clearRegions();
    this.#shown.clear();
    const fixed = { drag: false, resize: false };
    for (const { id, start, end } of this.#places) {
      this.#shown.set(id, this.#regions.addRegion({ id, start, end, ...fixed }));
    }
    chapters.forEach((chapter, number) => {
      this.#regions.addRegion({ id: `chapter-${number}`, start: chapter.start_s, color: this.#read("--mark"), ...fixed });
    });
    this.#paint();
  }

  #paint() {
    const [plain, chosen] = [this.#read("--region"), this.#read("--region-chosen")];
    for (const [id, region] of this.#shown) region.setOptions({ color: id === this.#chosen ? chosen : plain });
  }

  #readColours() {
    return {
      waveColor: this.#read("--wave"),
      progressColor: this.#read("--accent"),
      cursorColor: this.#read("--text"),
    };
  }

  #read(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }
}
