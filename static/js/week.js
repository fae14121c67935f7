// The week begins where something is to be seen, and its line says where now is.
const MINUTE_MS = 60000;

function scrollToNow(week) {
  const first = week.querySelector(".week-now") ?? week.querySelector(".week-day li");
  const day = week.querySelector(".week-day.is-today");
  const height = week.querySelector(".week-day").offsetHeight;
  const top = first ? first.offsetTop - week.clientHeight / 3 : height / 3;
  const left = day ? day.offsetLeft - week.querySelector(".week-corner").offsetWidth : 0;
  week.scrollTo({ top: Math.max(top, 0), left });
}

function moveNow() {
  const line = document.querySelector(".week-now");
  if (!line) return;
  line.style.marginTop = "";
  const passed = (Date.now() - Date.parse(line.dataset.now)) / MINUTE_MS;
  const hour = parseFloat(getComputedStyle(line).getPropertyValue("--hour"));
  line.style.marginTop = `${(passed / 60) * hour}px`;
}

const week = document.getElementById("week");
if (week) scrollToNow(week);
// What the server kept drawn may be some minutes old.
moveNow();
setInterval(moveNow, MINUTE_MS / 2);
document.addEventListener("live:swapped", moveNow);
