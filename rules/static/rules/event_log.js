// The event log in the browser: times of the reader's clock, pausing, not asking while nobody looks.
(() => {
  "use strict";
  const MOST_ROWS = 200;
  const style = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  const format = new Intl.DateTimeFormat(document.documentElement.lang || undefined, style);

  function showLocalTimes(root) {
    root.querySelectorAll("time[data-local]").forEach((time) => {
      time.textContent = format.format(new Date(time.dateTime));
      time.removeAttribute("data-local");
    });
  }

  const toggle = document.querySelector("[data-live-toggle]");
  const isPaused = () => toggle?.hasAttribute("data-paused");

  toggle?.addEventListener("click", () => {
    const paused = toggle.toggleAttribute("data-paused");
    const state = document.querySelector("[data-live-state]");
    state.textContent = paused ? "Paused" : "Live";
    state.classList.toggle("badge-ok", !paused);
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches("[data-live]") && (document.hidden || isPaused())) event.preventDefault();
  });

  document.addEventListener("htmx:load", (event) => {
    showLocalTimes(event.target.parentElement || event.target);
    const rows = document.querySelectorAll("#event-rows > tr");
    [...rows].slice(MOST_ROWS).forEach((row) => row.remove());
    const empty = document.getElementById("no-events");
    if (empty) empty.hidden = rows.length > 0;
  });
  addEventListener("DOMContentLoaded", () => showLocalTimes(document));
})();
