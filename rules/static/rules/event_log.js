// The live list of events. Paused, it waits; while somebody reads or selects, it only counts new events.
import { $, all, onFirst as on } from "../capi/dom.js";

const ROW = "#event-rows > tr";
const isTicked = () => $(`${ROW} :checked`);
const tick = (row) => $("input", row).click();
let isPaused, isLong, timer;

on("htmx:configRequest", (event) => {
  if (event.target.id !== "live") return;
  if (isPaused) event.preventDefault();
  if (scrollY > 120 || $("#drawer[data-row]") || isTicked()) event.detail.parameters.held = 1;
  else all(`${ROW}:nth-child(n+201)`).forEach((row) => row.remove());
});

// On phones a long press selects a row, then a tap does.
on("pointerdown", ({ target, pointerType }) => {
  const row = pointerType === "touch" && target.closest(ROW);
  isLong = false;
  if (row) timer = setTimeout(() => { isLong = true; tick(row); }, 400);
});
on("pointerout", () => clearTimeout(timer));
on("contextmenu", (event) => { if (isLong) event.preventDefault(); });
on("click", (event) => {
  const { target } = event, row = target.closest(ROW), pause = target.closest("[data-pause]");
  if (pause) $("#live-state").textContent = (pause.ariaPressed = isPaused = !isPaused) ? "Paused" : "Live";
  if (!row || target.type === "checkbox" || !(isLong || (innerWidth <= 900 && isTicked()))) return;
  event.preventDefault();
  if (!isLong) tick(row);
});
