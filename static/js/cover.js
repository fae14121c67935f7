// The frame that TikTok takes as cover: the range seeks a small copy of the video, and the
// preview shows the same frame. Without script the time is typed into the number field.
const form = document.querySelector("[data-compose]");
const find = (selector) => form.querySelector(`#cover-picker ${selector}`);

function say() {
  const field = find("#id_cover_timestamp_ms");
  const isChosen = field.value !== "";
  const at_s = Number(field.value || 0) / 1000;
  find("[data-cover-words]").textContent = isChosen
    ? fill(gettext("The frame at {time} s."), { time: at_s.toFixed(2) })
    : gettext("No frame chosen: TikTok takes the first one.");
  find("[data-cover-clear]").disabled = !isChosen;
  seek(find("[data-cover-frame]"), at_s);
  const video = document.querySelector("#phone-media video");
  if (!video?.paused) return;
  seek(video, at_s);
  if (isChosen) video.dataset.coverS = at_s;
  else delete video.dataset.coverS;
}

function seek(video, at_s) {
  const jump = () => (video.currentTime = at_s);
  if (video.readyState > 0) jump();
  else video.addEventListener("loadedmetadata", jump, { once: true });
}

function choose(at_ms) {
  const length_ms = Number(find("[data-cover]").dataset.durationMs);
  const field = find("#id_cover_timestamp_ms");
  field.value = at_ms === null ? "" : Math.min(Math.max(Math.round(at_ms), 0), length_ms);
  find("[data-cover-range]").value = field.value || 0;
  say();
  form.dispatchEvent(new CustomEvent("compose:content"));
}

function attach() {
  if (!find("[data-cover]")) return;
  for (const part of form.querySelectorAll("#cover-picker [data-cover-script]")) part.hidden = false;
  say();
}

if (form) {
  form.addEventListener("input", (event) => {
    if (event.target.matches("[data-cover-range]")) choose(Number(event.target.value));
    else if (event.target.matches("#id_cover_timestamp_ms"))
      choose(event.target.value === "" ? null : Number(event.target.value));
  });
  form.addEventListener("click", (event) => {
    const step = event.target.closest("[data-cover-step]");
    const frame_ms = 1000 / (Number(find("[data-cover]")?.dataset.frameRate) || 30);
    if (step) choose(Number(find("[data-cover-range]").value) + Number(step.dataset.coverStep) * frame_ms);
    else if (event.target.closest("[data-cover-clear]")) choose(null);
  });
  form.addEventListener("media:arrived", attach);
  attach();
}
