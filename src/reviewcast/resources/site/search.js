// Finds words in the transcripts of all episodes. What is searched comes in parts, the newest
// episodes first, and only once somebody searches.
"use strict";
(() => {
  const place = document.querySelector(".search");
  const input = place.querySelector("input");
  const state = place.querySelector(".state");
  const list = place.querySelector(".found");
  const more = place.querySelector(".more");
  const count = Number(place.dataset.shards);
  const AT_ONCE = 24; // as many parts are fetched for a search, and as many more on a press
  const MOST_FOUND = 50;
  const MOST_LINES = 3;
  if (location.protocol === "file:") return; // a page from a disk may fetch nothing
  place.hidden = false;

  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const pad = (number) => String(number).padStart(2, "0");
  const clock = (seconds) => {
    const whole = Math.floor(seconds);
    const minutes = Math.floor(whole / 60);
    return minutes < 60
      ? `${minutes}:${pad(whole % 60)}`
      : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(whole % 60)}`;
  };
  const make = (name, values, ...children) => {
    const element = Object.assign(document.createElement(name), values);
    element.append(...children);
    return element;
  };

  // Parts that were fetched stay; each answers with its episodes, the newest first.
  const shards = [];
  const load = (number) => {
    shards[number] ??= fetch(`search/${String(number).padStart(4, "0")}.json`)
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText))))
      .then(({ episodes }) =>
        episodes.reverse().map((one) => {
          const said = one.lines.map((line) => line[1]);
          return { ...one, folded: fold([one.title, ...said].join("\n")) };
        }),
      );
    shards[number].catch(() => delete shards[number]);
    return shards[number];
  };

  // The text in pieces, its hits marked; folded letter by letter, for a fold may change lengths.
  const emphasise = (text, words) => {
    const letters = [...text];
    const places = [];
    let folded = "";
    letters.forEach((letter, at) => {
      const one = fold(letter);
      folded += one;
      places.push(...Array(one.length).fill(at));
    });
    const hits = new Set();
    for (const word of words) {
      for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
        for (let n = at; n < at + word.length; n++) hits.add(places[n]);
      }
    }
    const pieces = [];
    letters.forEach((letter, at) => {
      const isHit = hits.has(at);
      const last = pieces.at(-1);
      if (last && last.isHit === isHit) last.text += letter;
      else pieces.push({ isHit, text: letter });
    });
    return pieces.map(({ isHit, text }) => (isHit ? make("mark", {}, text) : text));
  };

  const show = (episode, words) => {
    const rate = (line) => words.filter((word) => fold(line[1]).includes(word)).length;
    const lines = episode.lines
      .map((line) => ({ line, rate: rate(line) }))
      .filter((one) => one.rate)
      .sort((one, other) => other.rate - one.rate || one.line[0] - other.line[0])
      .slice(0, MOST_LINES);
    const title = make("a", { href: episode.page }, ...emphasise(episode.title, words));
    const item = make("li", { lang: episode.language || "" }, make("h3", { dir: "auto" }, title));
    for (const { line } of lines) {
      const time = make("a", { href: `${episode.page}#t=${line[0]}` }, clock(line[0]));
      item.append(make("p", { dir: "auto" }, time, ...emphasise(line[1], words)));
    }
    list.append(item);
  };

  let turn = 0;
  const search = async (from) => {
    const own = ++turn;
    const words = fold(input.value).split(/\s+/).filter(Boolean).slice(0, 10);
    more.hidden = true;
    if (from === count) list.replaceChildren();
    const limit = list.children.length + MOST_FOUND;
    state.textContent = "";
    if (!words.length) return;
    const to = Math.max(0, from - AT_ONCE);
    let number = from;
    try {
      for (; number > to && list.children.length < limit; number--) {
        state.textContent = "Searching …";
        const episodes = await load(number);
        if (own !== turn) return; // something else is searched for by now
        for (const one of episodes) {
          if (words.every((word) => one.folded.includes(word))) show(one, words);
        }
      }
    } catch {
      if (own === turn) state.textContent = "The transcripts cannot be fetched now.";
      return;
    }
    const found = list.children.length;
    const older = number > 0 ? " so far" : "";
    state.textContent = `${found || "No"} ${found === 1 ? "episode" : "episodes"}${older}.`;
    more.hidden = number === 0;
    more.onclick = () => {
      search(number);
    };
  };
  input.addEventListener("input", () => search(count));
})();
