// The microphone becomes a WAV file: what browsers record by themselves is of kinds that differ.

const LONGEST_S = 180;
const RATE_HZ = 44100;

export class Recorder {
  #stopped = null;
  #media = null;
  #timer = 0;

  get isOn() {
    return this.#media !== null;
  }

  // Resolves to a WAV file when stop() is called, or when it has become too long.
  async start() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    const pieces = [];
    this.#media = new MediaRecorder(stream);
    this.#media.addEventListener("dataavailable", (event) => pieces.push(event.data));
    this.#stopped = new Promise((resolve) => this.#media.addEventListener("stop", resolve, { once: true }));
    this.#media.start();
    this.#timer = setTimeout(() => this.stop(), LONGEST_S * 1000);
    await this.#stopped;
    clearTimeout(this.#timer);
    for (const track of stream.getTracks()) track.stop();
    this.#media = null;
    return toWav(await new Blob(pieces).arrayBuffer());
  }

  stop() {
    if (this.#media?.state === "recording") this.#media.stop();
  }
}

async function toWav(data) {
  const context = new OfflineAudioContext(1, 1, RATE_HZ);
  const sound = await context.decodeAudioData(data);
  const channels = Array.from({ length: sound.numberOfChannels }, (_, n) => sound.getChannelData(n));
  const bytes = new DataView(new ArrayBuffer(44 + 2 * sound.length));
  const write = (at, text) => [...text].forEach((char, n) => bytes.setUint8(at + n, char.charCodeAt(0)));
  write(0, "RIFF");
  bytes.setUint32(4, 36 + 2 * sound.length, true);
  write(8, "WAVEfmt ");
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true); // PCM
  bytes.setUint16(22, 1, true); // one channel
  bytes.setUint32(24, RATE_HZ, true);
  bytes.setUint32(28, 2 * RATE_HZ, true);
  bytes.setUint16(32, 2, true);
  bytes.setUint16(34, 16, true);
  write(36, "data");
  bytes.setUint32(40, 2 * sound.length, true);
  for (let n = 0; n < sound.length; n++) {
    const mean = channels.reduce((sum, channel) => sum + channel[n], 0) / channels.length;
    bytes.setInt16(44 + 2 * n, Math.max(-1, Math.min(1, mean)) * 32767, true);
  }
  return new Blob([bytes], { type: "audio/wav" });
}
