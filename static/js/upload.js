// Sends chosen files to this server in parts (tus), so that an upload outlives a reload, sleep, a
// lost connection and a restart of the server. Without script the same input travels with the form.
const root = document.querySelector("[data-upload]");
const form = root?.closest("form");
const find = (selector) => root.querySelector(selector);
const MEGABYTE = 1e6;
// Small enough for proxies that limit a request's size, large enough to cost no speed.
const PART_BYTES = 32 * 1024 * 1024;
const RATE_WINDOW_MS = 10_000;
const SILENCE_MS = 60_000;
const LOOK_AGAIN_MS = 2_000;
// Up to 15 s apart, about 100 minutes without a byte; every byte that arrives starts it anew.
const RETRY_DELAYS_MS = Array.from({ length: 400 }, (_, n) => Math.min(500 * 2 ** Math.min(n, 5), 15_000));
const LOST = gettext("The connection was lost for too long. What has arrived is kept: choose the same file again.");
const SIGNED_OUT = gettext("You are signed out. Sign in in another tab, then choose the same file again to go on.");
const CHANGED = gettext("The file was changed or removed while it was being sent. Choose it again.");
const running = new Set();
let chosen = 0;

function readToken() {
  const name = `${root.dataset.csrfCookie}=`;
  const cookie = document.cookie.split("; ").find((one) => one.startsWith(name));
  return cookie?.slice(name.length) ?? form.querySelector('[name="csrfmiddlewaretoken"]').value;
}

const pause = (length_ms) => new Promise((resolve) => setTimeout(resolve, length_ms));
const ask = (method, url) =>
  fetch(url, { method, headers: { "Tus-Resumable": "1.0.0", "X-CSRFToken": readToken() } });

function busy() {
  const isBusy = running.size > 0;
  form.toggleAttribute("data-uploading", isBusy);
  find("[data-drop]").hidden = isBusy && !find('input[type="file"]').multiple;
  form.dispatchEvent(new CustomEvent("compose:look"));
}

function say(text) {
  find("[data-upload-status]").textContent = text;
}

function refuse(text) {
  const item = document.createElement("li");
  item.textContent = text;
  const list = Object.assign(document.createElement("ul"), { className: "errorlist" });
  list.append(item);
  addProblems(list);
  say(text);
}

// Of several files chosen together each may have its own.
function addProblems(list) {
  const old = find("#media-problems");
  list.prepend(...old.querySelectorAll("li"));
  const place = Object.assign(document.createElement("div"), { id: old.id });
  place.setAttribute("role", "alert");
  place.append(list);
  old.replaceWith(place);
}

// A photo joins the others; a video's parts take the places of the former one's.
function place(html, number) {
  const answer = document.createElement("template");
  answer.innerHTML = html;
  for (const part of [...answer.content.children]) {
    if (part.matches("[data-photo]")) placePhoto(part, number);
    else if (part.id === "media-problems") addProblems(part.querySelector("ul"));
    else document.getElementById(part.id)?.replaceWith(part);
  }
}

// In the order in which they were chosen, whichever arrived first.
function placePhoto(photo, number) {
  const photos = document.getElementById("photos");
  photo.dataset.chosen = number;
  const later = [...photos.children].find((one) => Number(one.dataset.chosen) > number);
  photos.insertBefore(photo, later ?? null);
}

function timeWords(seconds) {
  if (seconds < 90) return fill(gettext("{count} s left"), { count: Math.max(1, Math.round(seconds)) });
  if (seconds < 5400) return fill(gettext("{count} min left"), { count: Math.round(seconds / 60) });
  return fill(gettext("{count} h left"), { count: (seconds / 3600).toFixed(1) });
}

const inMegabytes = (bytes) => (bytes / MEGABYTE).toFixed(1);

function refusalWords(status) {
  return fill(gettext("This server answered {status} and did not take the file. Choose it again."), { status });
}

// `rate` is in bytes a second, 0 while none is known.
function progressWords(loaded, total, rate) {
  const values = { loaded: inMegabytes(loaded), total: inMegabytes(total) };
  if (loaded >= total) return fill(gettext("{loaded} of {total} MB, looking at the file…"), values);
  if (!(rate > 0)) return fill(gettext("{loaded} of {total} MB"), values);
  const pace = { rate: inMegabytes(rate), left: timeWords((total - loaded) / rate) };
  return fill(gettext("{loaded} of {total} MB, {rate} MB/s, {left}"), { ...values, ...pace });
}

function statusOf(error) {
  return error.causingError?.status ?? error.originalResponse?.getStatus() ?? 0;
}

function wordsFor(error) {
  const status = statusOf(error);
  if (status === 0) return LOST;
  if (status === 401) return SIGNED_OUT;
  const isPlain = error.originalResponse?.getHeader("Content-Type")?.startsWith("text/plain");
  const text = isPlain ? error.originalResponse.getBody().trim() : "";
  return text || refusalWords(status);
}

// tus-js-client starts anew after any failed HEAD; only "not here" may do that.
function keepUnlessGone(request, response) {
  const status = response.getStatus();
  if (request.getMethod() !== "HEAD" || status === 200 || status === 404 || status === 410) return;
  throw Object.assign(new Error(`HEAD answered ${status}`), { status });
}

const storage = () => window.tus.defaultOptions.urlStorage;
const prefix = () => `duecast-${root.dataset.uploadOwner}-`;

async function forget(url) {
  for (const entry of await storage().findAllUploads())
    if (entry.uploadUrl === url) await storage().removeUpload(entry.urlStorageKey);
}

// One file on its way, with its own line.
class Transfer {
  constructor(file) {
    this.file = file;
    this.number = ++chosen;
    this.samples = [];
    this.moved_ms = performance.now();
    this.line = find("[data-upload-line]").content.firstElementChild.cloneNode(true);
    this.words = this.line.querySelector("[data-upload-words]");
    this.line.querySelector("[data-upload-cancel]").addEventListener("click", () => this.cancel());
    find("[data-upload-lines]").append(this.line);
    this.upload = new window.tus.Upload(file, this.options());
    this.watch = setInterval(() => this.wakeUp(), 5000);
    running.add(this);
    busy();
  }

  options() {
    const { name, type, size, lastModified } = this.file;
    return {
      endpoint: root.dataset.uploadUrl,
      chunkSize: PART_BYTES,
      retryDelays: RETRY_DELAYS_MS,
      metadata: { filename: name, filetype: type, kind: root.dataset.uploadKind },
      fingerprint: async () => [prefix(), name, size, lastModified].join(""),
      onBeforeRequest: (request) => request.setHeader("X-CSRFToken", readToken()),
      onAfterResponse: keepUnlessGone,
      onShouldRetry: (error) => this.mayRetry(error),
      onProgress: (loaded, total) => this.show(loaded, total),
      onError: (error) => this.fail(wordsFor(error)),
      onSuccess: () => this.finish(),
    };
  }

  async start() {
    const [earlier] = await this.upload.findPreviousUploads();
    if (earlier) this.upload.resumeFromPreviousUpload(earlier);
    if (running.has(this)) this.upload.start();
  }

  mayRetry(error) {
    const status = statusOf(error);
    const isPassing = status >= 500 ? status !== 507 : [0, 408, 409, 423, 429].includes(status);
    if (!isPassing || !running.has(this)) return isPassing;
    this.file.slice(0, 1).arrayBuffer().catch(() => this.fail(CHANGED));
    if (status !== 409) {
      const at = this.line.querySelector("progress").value.toFixed(0);
      this.words.textContent = fill(gettext("Interrupted at {at} %. It goes on by itself once the server answers…"), { at });
    }
    return true;
  }

  // After sleep and on some networks a connection is dead without anybody saying so.
  wakeUp() {
    if (performance.now() - this.moved_ms > SILENCE_MS && !this.isWhole) this.goOn();
  }

  goOn() {
    this.moved_ms = performance.now();
    this.upload.abort();
    this.upload.start();
  }

  show(loaded, total) {
    const now_ms = performance.now();
    this.moved_ms = now_ms;
    // A resumed upload begins far from 0: only what moved since then has a rate.
    this.samples = this.samples.filter(([at_ms, at]) => now_ms - at_ms < RATE_WINDOW_MS && at <= loaded);
    this.samples.push([now_ms, loaded]);
    const [since_ms, since] = this.samples[0];
    const rate = (loaded - since) / Math.max((now_ms - since_ms) / 1000, 0.1);
    this.line.querySelector("progress").value = total ? (loaded * 100) / total : 0;
    this.words.textContent = progressWords(loaded, total, rate);
  }

  async finish() {
    this.isWhole = true;
    const { url } = this.upload;
    const answer = await this.askForMedia(`${url}media/`);
    if (!running.has(this)) return;
    if (answer.status === 401) return this.fail(SIGNED_OUT);
    const isAnswer = answer.status === 200 || answer.status === 422;
    if (!isAnswer) return this.fail(refusalWords(answer.status));
    await forget(url);
    place(await answer.text(), this.number);
    if (answer.status === 200) {
      const isPhoto = root.dataset.uploadKind === "photo";
      say(isPhoto ? gettext("The photo has arrived.") : gettext("The video has arrived."));
      form.dispatchEvent(new CustomEvent(isPhoto ? "photos:arrived" : "media:arrived"));
      form.dispatchEvent(new CustomEvent("compose:content"));
    }
    this.end();
  }

  // The file is looked at once, however often this is asked.
  async askForMedia(url) {
    while (running.has(this)) {
      const answer = await ask("POST", url).catch(() => null);
      if (answer && answer.status !== 423 && answer.status < 500) return answer;
      await pause(LOOK_AGAIN_MS);
    }
    return { status: 0 };
  }

  fail(text) {
    if (!running.has(this)) return;
    this.upload.abort();
    this.end();
    refuse(text);
    showKept();
  }

  async cancel() {
    this.end();
    say(gettext("Upload canceled."));
    const { url } = this.upload;
    await this.upload.abort(true).catch(() => {});
    if (url) await forget(url);
  }

  end() {
    clearInterval(this.watch);
    running.delete(this);
    this.line.remove();
    busy();
  }
}

function start(files) {
  find("#media-problems").replaceChildren();
  find("[data-upload-kept]").replaceChildren();
  const isSeveral = find('input[type="file"]').multiple;
  for (const file of isSeveral ? files : files.slice(0, 1)) new Transfer(file).start();
}

// What an earlier page did not finish: the browser needs the file chosen again to go on.
async function showKept() {
  const lines = [];
  for (const entry of await storage().findAllUploads()) {
    if (!entry.urlStorageKey.startsWith(`tus::${prefix()}`)) continue;
    const answer = await ask("HEAD", entry.uploadUrl).catch(() => null);
    if (answer?.status === 404 || answer?.status === 410) await storage().removeUpload(entry.urlStorageKey);
    if (answer?.ok) lines.push(keptLine(entry, Number(answer.headers.get("Upload-Offset"))));
  }
  if (running.size === 0) find("[data-upload-kept]").replaceChildren(...lines);
}

function keptLine(entry, arrived) {
  const line = find("[data-upload-kept-line]").content.firstElementChild.cloneNode(true);
  const name = entry.metadata.filename;
  const at = Math.floor((arrived * 100) / entry.size);
  line.querySelector("[data-kept-words]").textContent =
    fill(gettext("{name} was interrupted at {at} %. Choose the same file again to go on from there."), {
      name,
      at,
    });
  line.querySelector("[data-kept-forget]").addEventListener("click", async () => {
    line.remove();
    await ask("DELETE", entry.uploadUrl).catch(() => null);
    await storage().removeUpload(entry.urlStorageKey);
  });
  return line;
}

function takeChosen() {
  const input = find('input[type="file"]');
  const files = [...input.files];
  // The form must not carry the file a second time.
  input.value = "";
  if (files.length) start(files);
}

function attach() {
  find('input[type="file"]').addEventListener("change", takeChosen);
  const drop = find("[data-drop]");
  drop.addEventListener("dragover", (event) => event.preventDefault());
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) start([...event.dataTransfer.files]);
  });
  window.addEventListener("online", () => running.forEach((transfer) => transfer.isWhole || transfer.goOn()));
  showKept();
  // Chosen before this script ran, as on a slow line.
  takeChosen();
}

if (root && window.tus?.isSupported) attach();
