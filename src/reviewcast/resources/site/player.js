// Lets chapters and words seek, and the transcript follow; without it the browser's own controls
// play, and chapters open the audio at their place.
"use strict";
(() => {
  const audio = document.querySelector("audio");
  const controls = document.querySelector(".controls");
  const player = document.querySelector(".player");
  const play = controls.querySelector(".play");
  const track = controls.querySelector("input");
  const now = controls.querySelector(".now");
  const length = controls.querySelector(".length");
  const speed = controls.querySelector("select");
  const transcript = document.querySelector(".transcript");
  const cues = [...document.querySelectorAll(".cue")].map((element) => ({
    element,
    start: Number(element.dataset.start),
    end: Number(element.dataset.end),
  }));
  const chapters = [...document.querySelectorAll(".chapters a")].map((element) => ({
    element,
    start: Number(element.dataset.t),
  }));
  const jump = document.querySelector(".jump");
  const resumed = document.querySelector(".resumed");
  const stops = [...document.querySelectorAll(".jump option")].map((element) => ({
    element,
    start: Number(element.value),
  }));
  const SLACK_S = 0.05; // a seek may land a little before its goal
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  const pad = (number) => String(number).padStart(2, "0");
  const clock = (seconds) => {
    const whole = Math.floor(seconds);
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor(whole / 60) % 60;
    return hours ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
  };

  // What is kept from one visit to the next; in a frame of another site there may be no place.
  const recall = (name) => {
    try {
      return localStorage.getItem(`reviewcast:${name}`);
    } catch {
      return null;
    }
  };
  const keep = (name, value) => {
    try {
      localStorage.setItem(`reviewcast:${name}`, value);
    } catch {
      // then it is not kept
    }
  };

  // "12.5", "1:02:03", "1m5s" and the start of "10,20" in seconds; null for anything else.
  const parse = (text) => {
    const start = (text || "").replace(/^npt:/, "").split(",")[0];
    if (/^\d+(\.\d+)?s?$/.test(start)) return parseFloat(start);
    if (/^(\d+:)?\d{1,2}:\d{1,2}(\.\d+)?$/.test(start)) {
      return start.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
    }
    const units = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(start);
    if (!start || !units) return null;
    return Number(units[1] || 0) * 3600 + Number(units[2] || 0) * 60 + Number(units[3] || 0);
  };
  const wanted = (text) => parse(new URLSearchParams(text.slice(1)).get("t"));

  // Before the file is known, a browser takes this as the place to start from.
  const seek = (seconds) => {
    const end = Number.isFinite(audio.duration) ? audio.duration : Number(track.max);
    audio.currentTime = Math.min(Math.max(0, seconds), end);
    show();
  };
  const start = () => audio.play().catch(() => {}); // a browser may want a press of its own button

  const at = (list, seconds) => {
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle].start <= seconds + SLACK_S) low = middle + 1;
      else high = middle;
    }
    return list[low - 1];
  };
  const isInView = (element) => {
    const box = element.getBoundingClientRect();
    return box.height > 0 && box.bottom > player.offsetHeight && box.top < innerHeight;
  };
  let cue;
  let chapter;
  let stopped;
  const mark = (next, last) => {
    if (last) last.element.removeAttribute("aria-current");
    if (next) next.element.setAttribute("aria-current", "true");
    return next;
  };
  const follow = (seconds) => {
    const spoken = at(cues, seconds);
    const next = spoken && seconds < spoken.end + 1 ? spoken : undefined;
    if (next !== cue) {
      // Readers who have scrolled away are left where they are.
      const reads = cue && isInView(cue.element);
      cue = mark(next, cue);
      if (reads && cue && !audio.paused) {
        const box = cue.element.getBoundingClientRect();
        if (box.bottom > innerHeight - 48 || box.top < player.offsetHeight) {
          cue.element.scrollIntoView({ block: "center", behavior: still.matches ? "auto" : "smooth" });
        }
      }
    }
    const begun = at(chapters, seconds);
    if (begun !== chapter) chapter = mark(begun, chapter);
    const stop = at(stops, seconds);
    if (stop && stop !== stopped) stop.element.selected = true;
    stopped = stop;
  };
  const show = () => {
    const seconds = audio.currentTime;
    track.value = seconds;
    track.setAttribute("aria-valuetext", `${clock(seconds)} of ${length.textContent}`);
    now.textContent = clock(seconds);
    if (seconds > 0 || !audio.paused) follow(seconds);
  };
  // The browser tells the time four times a second; words are to be marked when they begin.
  const tick = () => {
    follow(audio.currentTime);
    if (!audio.paused) requestAnimationFrame(tick);
  };
  const showState = () => {
    if (!audio.paused) resumed.hidden = true;
    player.classList.toggle("playing", !audio.paused);
    play.setAttribute("aria-label", audio.paused ? "Play" : "Pause");
  };

  audio.controls = false;
  controls.hidden = false;
  const toggle = () => (audio.paused ? start() : audio.pause());
  play.addEventListener("click", toggle);
  // Space plays and pauses and arrows skip, except where they have a meaning of their own.
  const OWN = "select, textarea, audio, video, .grid, [contenteditable], input:not([type=range])";
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (event.target.closest(OWN)) return;
    if (event.key === " " && !event.repeat && !event.target.closest("button, summary")) {
      event.preventDefault();
      toggle();
    }
    const step = { ArrowLeft: -5, ArrowRight: 5 }[event.key];
    if (step && event.target !== track) {
      event.preventDefault();
      seek(audio.currentTime + step);
    }
  });
  track.addEventListener("input", () => seek(Number(track.value)));
  track.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5 }[event.key];
    if (step) {
      event.preventDefault();
      seek(audio.currentTime + step);
    }
  });
  for (const button of controls.querySelectorAll("[data-skip]")) {
    button.addEventListener("click", () => seek(audio.currentTime + Number(button.dataset.skip)));
  }
  speed.value = recall("speed");
  if (!speed.value) speed.value = "1";
  const hurry = () => {
    audio.defaultPlaybackRate = audio.playbackRate = Number(speed.value);
  };
  hurry();
  speed.addEventListener("change", () => {
    hurry();
    keep("speed", speed.value);
  });
  if (jump) {
    jump.hidden = false;
    jump.addEventListener("change", (event) => {
      seek(Number(event.target.value));
      start();
    });
  }
  for (const name of ["timeupdate", "seeking", "seeked"]) audio.addEventListener(name, show);
  for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, showState);
  audio.addEventListener("play", tick);
  const remember = () => keep(`at:${audio.dataset.key}`, audio.ended ? 0 : audio.currentTime);
  audio.addEventListener("timeupdate", () => !audio.paused && remember());
  audio.addEventListener("pause", remember);
  audio.addEventListener("loadedmetadata", () => {
    track.max = audio.duration;
    length.textContent = clock(audio.duration);
    hurry();
    show();
  });

  // From here on a chapter's link is one to this page at that time.
  for (const link of document.querySelectorAll("a[data-t]")) link.href = `#t=${link.dataset.t}`;
  document.addEventListener("click", (event) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a[data-t]");
    if (link) {
      event.preventDefault();
      seek(Number(link.dataset.t));
      start();
      location.replace(link.hash);
      return;
    }
    const word = event.target.closest(".cue");
    if (word && getSelection().isCollapsed) {
      seek(Number(word.dataset.start));
      start();
    }
  });
  addEventListener("hashchange", () => {
    const seconds = wanted(location.hash);
    if (seconds !== null && Math.abs(audio.currentTime - seconds) > 0.5) seek(seconds);
  });
  if (transcript) transcript.classList.add("seekable");

  const measure = () => {
    document.documentElement.style.setProperty("--deck", `${player.offsetHeight}px`);
  };
  addEventListener("resize", measure);
  measure();

  if ("mediaSession" in navigator && "MediaMetadata" in window) {
    const image = document.querySelector(".picture");
    navigator.mediaSession.metadata = new MediaMetadata({
      title: audio.dataset.title,
      artist: audio.dataset.show,
      artwork: image && location.protocol !== "file:" ? [{ src: image.src }] : [],
    });
    const skip = (by) => () => seek(audio.currentTime + by);
    navigator.mediaSession.setActionHandler("seekbackward", skip(-15));
    navigator.mediaSession.setActionHandler("seekforward", skip(30));
  }

  const first = wanted(location.hash) ?? wanted(location.search);
  const left = Number(recall(`at:${audio.dataset.key}`));
  if (first !== null) seek(first);
  else if (left > 5 && left < Number(track.max) - 5) {
    seek(left);
    resumed.querySelector(".resumed-at").textContent = clock(left);
    resumed.hidden = false;
    resumed.querySelector(".restart").addEventListener("click", () => {
      seek(0);
      start();
    });
  }
  if (audio.readyState > 0) audio.dispatchEvent(new Event("loadedmetadata"));
  showState();
})();
