// Away at once: the page goes blank before the next one loads, and takes its place in the history.
// Without this file "Leave this page now" is a plain link. Nothing is stored, nothing is sent.
const WITHIN = 5000;
const link = document.getElementById("leave");
let pressed = [];

function leave(event) {
  event?.preventDefault();
  document.title = "\u00a0";
  document.documentElement.replaceChildren(document.createElement("body"));
  location.replace(link.href);
}

link.addEventListener("click", leave);

// Three times Shift alone; Shift with a letter is writing.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Shift") {
    pressed = [];
  } else if (!event.repeat) {
    pressed = [...pressed.filter((at) => event.timeStamp - at < WITHIN), event.timeStamp];
    if (pressed.length === 3) leave(event);
  }
});

// A page that comes back out of the browser's memory would show what was typed: fetch it anew.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
