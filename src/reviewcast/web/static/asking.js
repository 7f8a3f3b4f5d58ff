// What the page asks of the server, and how it hears from it.

export class Refusal extends Error {
  constructor(code, said) {
    super([said.message, said.hint].filter(Boolean).join(" ") || `The server answered ${code}.`);
    this.code = code;
    this.theirs = said.theirs;
  }
}

export async function getJson(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Refusal(answer.status, {});
  return answer.json();
}

export async function post(path, body) {
  const isFile = body instanceof Blob;
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST",
      body: isFile ? body : JSON.stringify(body ?? {}),
      headers: { "content-type": isFile ? "application/octet-stream" : "application/json" },
    });
  } catch {
    throw new Refusal(0, { message: "The server does not answer.", hint: "Is reviewcast still running?" });
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(answer.status, said);
  return said;
}

export function listen(hear, lose) {
  const stream = new EventSource("/events");
  stream.addEventListener("message", (event) => hear(JSON.parse(event.data)));
  stream.addEventListener("error", lose);
}
