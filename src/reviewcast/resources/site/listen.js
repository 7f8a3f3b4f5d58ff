// Plays a review's episode above the review itself, and marks in it the sentence that is spoken.
// Served it is less than 8 kB: without comments, indentation and spaces around signs, so none of
// these may stand in a string. What its element's attributes mean tells the manual under "embed".
// In how many parts the episodes are listed is written here when it is published.
(async () => {
  const parts = 1, script = document.currentScript, { post, episode, embed, sha256 } = script.dataset;
  const locate = (name) => new URL(name, script.src).href, load = async (name) => (await fetch(locate(name))).json();
  const make = (name, values, ...children) => {
    const element = Object.assign(document.createElement(name), values);
    element.append(...children);
    return element;
  };
  // a frame or a browser may have no store
  const keep = (name, value) => { try { localStorage["reviewcast:" + name] = value; } catch {} };
  const recall = (name) => { try { return localStorage["reviewcast:" + name]; } catch {} };
  if (document.readyState === "loading") await new Promise((done) => addEventListener("DOMContentLoaded", done));

  // Which episode: by the post's address, whatever its scheme and ending, else by its name.
  const key = (address) => {
    try {
      const { host, pathname, search } = new URL(address, location);
      return (host.replace(/^www\./, "") + pathname.replace(/(\/index)?(\.html?)?\/?$/, "") + search).toLowerCase();
    } catch {
      // no address is like one that cannot be read
      return NaN;
    }
  };
  const loaded = {}, label = "Listen to this review";
  // In a long show each part lists some of the episodes, by the letters and figures of path or name.
  const look = async (name) => {
    let sum = 0;
    for (const sign of name.replace(/%[0-7].|[^a-z0-9]/g, "")) sum = (sum * 31 + sign.charCodeAt()) % 65521;
    const file = parts > 1 ? `listen/${parts}-${sum % parts}.json` : "listen.json";
    return (await (loaded[file] ||= load(file).catch(() => load("listen.json")))).episodes;
  };
  const find = async (address) => {
    const wanted = address && key(address);
    return wanted && (await look(wanted.replace(/^[^/]*/, ""))).find((one) => one.post && key(one.post) === wanted);
  };
  let entry, cues = [], silent = [];
  try {
    for (const address of [post, document.querySelector("link[rel=canonical]")?.href, location.href, location.pathname]) entry ||= await find(address);
    entry ||= episode && (await look(encodeURI(episode).toLowerCase())).find((one) => one.slug === episode);
    if (!entry) return;
    if (entry.cues) ({ cues, silent } = await load(entry.cues));
  } catch {
    // another origin that lets nobody read there: its own page plays
    if (embed) script.before(make("iframe", { src: locate(embed), title: label, width: "100%", height: 256 }));
    return;
  }
  const { start = 0, end = entry.duration } = entry;

  // The page's words, and where each stands.
  const INLINE = "a,abbr,b,bdi,bdo,cite,code,dfn,em,font,i,ins,kbd,mark,q,ruby,samp,small,span,strong,sub,u,var,wbr",
    SKIP = "script,style,noscript,template,nav,form,svg,iframe,select,button,textarea,sup,rt,rp,del,s,[hidden]", nodes = [];
  let text = "";
  const read = (element) => {
    for (const node of element.childNodes) {
      if (node.nodeType === 3) {
        nodes.push({ node, at: text.length });
        text += node.data;
      } else if (node.matches?.(SKIP) === false) {
        const gap = node.matches(INLINE) ? "" : "\n";
        text += gap;
        read(node);
        text += gap;
      }
    }
  };
  const split = (line) => [...line.matchAll(/[\p{L}\p{N}\p{M}\u00ad\u200b-\u200d]+/gu)].map(({ 0: word, index }) =>
    ({ word: word.normalize("NFKD").replace(/[^\p{L}\p{N}]/gu, "").toLowerCase(), from: index, to: index + word.length }));
  read(document.querySelector(script.dataset.in || "body") || document.body);
  const words = split(text), known = {};
  words.forEach(({ word }, at) => (known["=" + word] ||= []).push(at));

  // Follow a sentence from a word of the page on, which may have up to six words between two.
  const compare = (said, at) => said.flatMap(({ word }) => {
    for (let to = at; to < at + 7; to++) if (words[to]?.word === word) return (at = to + 1, to);
    return [];
  }), weigh = (found) => found.length * 9 - found.at(-1) + found[0];
  let next = 0, near = 0;
  const covered = new Set(), place = (body) => {
    const said = split(body);
    let best = [];
    const attempt = (at) => {
      const found = compare(said, at);
      if (found[0] === at && (!best[0] || weigh(found) > weigh(best))) best = found;
    };
    // behind the last one, behind the last one in order, anywhere: a footnote is said where it is marked
    for (const from of [next, near]) for (let at = from; at < from + 60 && best.length <= said.length * 0.8; at++) attempt(at);
    if (best.length <= said.length * 0.8 && said.length > 2) said.slice(0, 3).forEach(({ word }) => known["=" + word]?.forEach(attempt));
    if (best.length < said.length * 0.6) best = [];
    if (best[0] >= near && best[0] < near + 60) near = best.at(-1) + 1;
    next = best.length ? best.at(-1) + 1 : next;
    for (let at = best[0]; at < next; at++) covered.add(at);
    return { found: best, exact: best.length === said.length && next - best[0] === said.length };
  };
  const point = (at) => {
    const { node, at: from } = nodes.findLast((one) => one.at <= at);
    return [node, Math.min(at - from, node.length)];
  };
  // with the quotation marks before and the marks behind
  const span = (first, last) => {
    const { from } = words[first], { to } = words[last], range = new Range();
    range.setStart(...point(from - /["'«“‘„¿¡(]*$/.exec(text.slice(0, from))[0].length));
    range.setEnd(...point(to + /^[^\s\p{L}\p{N}]*/u.exec(text.slice(to))[0].length));
    return range;
  };
  const lines = cues.filter(([from]) => from >= start && from < end).map(([from, to, body, written]) => {
    const { found, exact } = place(body);
    return { from, to, written, found, exact, range: found[0] >= 0 && span(found[0], found.at(-1)) };
  });
  silent.forEach(place);
  const placed = lines.flatMap(({ written, found }) => written ? found : []).sort((a, b) => a - b);
  let missing = 0;
  for (let at = placed[0]; at < placed.at(-1); at++) missing += !covered.has(at);
  const note = sha256 === entry.source_sha256 ? ""
    : lines.some(({ written, exact }) => written && !exact) ? "The audio is of an older version of this text."
    : missing > 24 ? "Some of this text is not in the audio." : "";

  // The player, before the block that the first sentence stands in.
  const audio = make("audio", { controls: true, preload: "none" });
  audio.src = locate(entry.opus && audio.canPlayType("audio/ogg;codecs=opus") ? entry.opus : entry.audio) + (start ? `#t=${start},${end}` : "");
  const speed = make("select", {}, ...[0.75, 1, 1.25, 1.5, 1.75, 2].map((rate) => make("option", { value: rate }, `${rate}×`))),
    style = () => make("link", { rel: "stylesheet", href: locate("listen.css") }),
    host = make("reviewcast-player", { lang: "en" });
  host.attachShadow({ mode: "open" }).append(style(), make("section", { ariaLabel: label },
    make("p", {}, make("strong", {}, label), (Math.round((end - start) / 60) || 1) + " min"), audio,
    make("p", {}, make("label", {}, "Speed ", speed), make("a", { href: locate(entry.page) }, "Chapters and apps")),
    ...note ? [make("p", { className: "note" }, note)] : []));
  let spot = document.querySelector("article, main") || document.body;
  if (placed[0] >= 0) {
    const { startContainer, commonAncestorContainer: around } = span(placed[0], placed.at(-1));
    spot = startContainer;
    // all of a short post may be one text, or one item
    while (around.contains(spot.parentNode) && spot.parentNode !== around || spot.nodeType === 3
      || spot.parentNode.matches(`p,li,ul,ol,dl,dd,blockquote,table,table *,${INLINE}`)) spot = spot.parentNode;
    if (around.contains(script) && script.compareDocumentPosition(spot) & 4) spot = script;
    spot.before(host);
  } else spot.prepend(host);
  document.head.append(style());

  // It goes on where it was left, as quick as it was.
  const name = locate(entry.page) + start, seek = (seconds) => { audio.currentTime = seconds; };
  const hurry = () => { audio.defaultPlaybackRate = audio.playbackRate = speed.value; };
  speed.value = recall("speed");
  speed.value ||= 1;
  hurry();
  speed.onchange = () => { hurry(); keep("speed", speed.value); };
  const left = Number(recall(name));
  if (left > start + 5 && left < end - 5) seek(left);

  // The sentence that is spoken: marked by the browser, else by boxes that lie over it.
  const paints = window.Highlight && CSS.highlights,
    over = document.body.appendChild(make("div", { ariaHidden: "true" }));
  let line;
  const lay = (element, left, top, width, height, background) => {
    element.style.cssText = `position:absolute;pointer-events:none;left:${left}px;top:${top}px;width:${width}px;height:${height}px;background:${background}`;
    return element;
  };
  lay(over, 0, 0, 0, 0, "none");
  const paint = () => {
    const range = line?.range;
    if (paints) return range ? paints.set("reviewcast", new Highlight(range)) : paints.delete("reviewcast");
    const { left, top } = over.getBoundingClientRect();
    over.replaceChildren(...range ? [...range.getClientRects()].map((box) => lay(make("div"), box.left - left, box.top - top, box.width, box.height, "#fc06")) : []);
  };
  const follow = () => {
    const now = audio.currentTime + 0.02, before = line?.range;
    const spoken = lines.findLast(({ from, to }) => from <= now && now < to + 1);
    if (spoken === line) return;
    const seen = before && before.getBoundingClientRect();
    line = spoken;
    paint();
    const box = line?.range && line.range.getBoundingClientRect();
    // readers who have scrolled away are left where they are
    if (audio.paused || !box || !seen || seen.bottom < 0 || seen.top > innerHeight || box.bottom < innerHeight - 40) return;
    scrollBy({ top: box.top - innerHeight / 3, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth" });
  };
  const tick = () => { follow(); if (!audio.paused) requestAnimationFrame(tick); };
  audio.onplay = () => { host.className = "on"; tick(); };
  audio.onpause = () => { host.className = ""; };
  audio.onseeked = follow;
  audio.ontimeupdate = () => { follow(); if (!audio.paused) keep(name, audio.currentTime); };
  addEventListener("resize", paint);

  // A press on a sentence plays it, once the audio was started.
  document.addEventListener("click", (event) => {
    if (!audio.played.length || event.defaultPrevented || event.ctrlKey || event.metaKey || !getSelection().isCollapsed
      || event.target.closest("a,button,input,label,select,summary,textarea,audio,video")) return;
    const hit = lines.find(({ range }) => range && [...range.getClientRects()].some(({ left, right, top, bottom }) =>
      event.x >= left && event.x <= right && event.y >= top && event.y <= bottom));
    if (hit) { seek(hit.from); audio.play().catch(() => {}); }
  });
})();
