// Sends the chosen file to this server at once, with progress, rate and a way to stop.
// Without script the same input travels with the form.
const root = document.querySelector("[data-upload]");
const form = root?.closest("form");
const find = (selector) => root.querySelector(selector);
const MEGABYTE = 1e6;
const LOST = "The connection broke before the file had arrived. Choose it again.";
const SIGNED_OUT = "You are signed out. Sign in in another tab, then choose the file again.";
let running = null;

function busy(isBusy) {
  form.toggleAttribute("data-uploading", isBusy);
  find("[data-upload-progress]").hidden = !isBusy;
  find("[data-drop]").hidden = isBusy;
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
  find("#media-problems").replaceChildren(list);
  say(text);
}

function replaceAll(html) {
  const answer = document.createElement("template");
  answer.innerHTML = html;
  for (const part of [...answer.content.children]) document.getElementById(part.id)?.replaceWith(part);
}

function show(event, started_ms) {
  const elapsed_s = Math.max((performance.now() - started_ms) / 1000, 0.1);
  const rate = event.loaded / elapsed_s / MEGABYTE;
  find("progress").value = event.total ? (event.loaded * 100) / event.total : 0;
  const of = `${(event.loaded / MEGABYTE).toFixed(1)} of ${(event.total / MEGABYTE).toFixed(1)} MB`;
  find("[data-upload-words]").textContent =
    event.loaded < event.total ? `${of}, ${rate.toFixed(1)} MB/s` : `${of}, looking at the video…`;
}

function finish(request) {
  if (!request.responseURL.includes(root.dataset.uploadUrl)) return refuse(SIGNED_OUT);
  if (request.status === 200) {
    replaceAll(request.responseText);
    say("The video has arrived.");
  } else if (request.status === 422) {
    replaceAll(request.responseText);
  } else {
    refuse(`This server answered ${request.status} and did not keep the file. Choose it again.`);
  }
}

function start(file) {
  running?.abort();
  const request = (running = new XMLHttpRequest());
  const started_ms = performance.now();
  const body = new FormData();
  body.append("file", file);
  find("#media-problems").replaceChildren();
  request.upload.addEventListener("progress", (event) => show(event, started_ms));
  request.addEventListener("load", () => finish(request));
  request.addEventListener("error", () => refuse(LOST));
  request.addEventListener("abort", () => say("Upload canceled."));
  request.addEventListener("loadend", () => request === running && busy(false));
  request.open("POST", root.dataset.uploadUrl);
  request.setRequestHeader("X-CSRFToken", form.querySelector('[name="csrfmiddlewaretoken"]').value);
  request.send(body);
  find("[data-upload-words]").textContent = "Starting…";
  find("progress").value = 0;
  busy(true);
}

function attach() {
  const input = find('input[type="file"]');
  input.addEventListener("change", () => {
    const [file] = input.files;
    // The form must not carry the file a second time.
    input.value = "";
    if (file) start(file);
  });
  find("[data-upload-cancel]").addEventListener("click", () => running?.abort());
  const drop = find("[data-drop]");
  drop.addEventListener("dragover", (event) => event.preventDefault());
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) start(event.dataTransfer.files[0]);
  });
}

if (root) attach();
