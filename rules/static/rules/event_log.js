// The live list of events. Paused, or while somebody reads or selects, it only counts new events.
import { $, all, onFirst as on } from "../capi/dom.js";

on("htmx:configRequest", (event) => {
  if (event.target.id !== "live") return;
  if (scrollY > 120 || $("#drawer[data-row], main input:checked")) event.detail.parameters.held = 1;
  else all("#event-rows > tr:nth-child(n+201)").forEach((row) => row.remove());
});
