// Pauses the event log, and sends no requests while the page is hidden.
(() => {
  "use strict";
  const MOST_ROWS = 200;

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

  document.addEventListener("htmx:load", () => {
    const rows = document.querySelectorAll("#event-rows > tr");
    [...rows].slice(MOST_ROWS).forEach((row) => row.remove());
    const empty = document.getElementById("no-events");
    if (empty) empty.hidden = rows.length > 0;
  });
})();
