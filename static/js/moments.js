// Keeps "in 3 h" and the clock true while a page stays open.
function relativeWords(ms) {
  const minutes = Math.round(Math.abs(ms) / 60000);
  if (minutes < 1) return ms > 0 ? "in under a minute" : "just now";
  const amount =
    minutes < 60
      ? `${minutes} min`
      : minutes < 36 * 60
        ? `${Math.round(minutes / 60)} h`
        : `${Math.round(minutes / 1440)} days`;
  return ms > 0 ? `in ${amount}` : `${amount} ago`;
}

function show(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tick() {
  const now = Date.now();
  for (const time of document.querySelectorAll("[data-moment]")) {
    const relative = time.querySelector("[data-relative]");
    if (relative) show(relative, `(${relativeWords(Date.parse(time.dateTime) - now)})`);
  }
  for (const clock of document.querySelectorAll("[data-clock]")) {
    const format = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const zoned = { ...format, timeZone: clock.dataset.clock };
    show(clock, new Intl.DateTimeFormat("en-GB", zoned).format(now));
  }
}

setInterval(tick, 10000);
