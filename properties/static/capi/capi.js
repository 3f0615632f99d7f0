// What HTML and htmx cannot do alone.
import { $, all, byId, mark, markOf, on, step, STEPS } from "./dom.js";

// The zone of times, from the next page on.
document.cookie = `timezone=${Intl.DateTimeFormat().resolvedOptions().timeZone};path=/;max-age=31536000;samesite=lax`;

// A part that polls waits while nobody looks, or somebody works in it.
on("htmx:beforeRequest", (event) => {
  const isInUse = document.hidden || $(":focus, details[open]", event.target);
  if (isInUse && event.target.matches("[data-poll]")) event.preventDefault();
});
// The live list only counts its new rows while it is paused, or somebody reads or selects.
on("htmx:configRequest", ({ target, detail }) => {
  if (target.id !== "live") return;
  if (scrollY > 120 || $("#drawer[data-row], main input:checked")) detail.parameters.held = 1;
  else all("[data-rows] > tr:nth-child(n+201)").forEach((row) => row.remove());
});

// Fields that apply to some values of others: see properties/catalog/form_conditions.py.
function showWhatMatters(root) {
  for (const each of all("[data-show-if]", root)) each.hidden = !each.closest(each.dataset.showIf);
}
on("htmx:load", ({ target }) => {
  showWhatMatters(target.closest("form") ?? target);
  $("dialog[data-show]", target)?.showModal();
});

// What data-… of a link or button does. A result replaces what the link does.
const PRESSES = {
  copy(button) {
    getSelection().selectAllChildren(byId(button.dataset.copy));
    document.execCommand("copy"); // navigator.clipboard needs https.
    button.dataset.label ||= button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = button.dataset.label; }, 1500);
  },
  step: ({ dataset }) => move(Number(dataset.step)),
  drawer: open,
  drawerClose: close,
  // A row of the palette for a button of the page.
  actOf({ dataset }) {
    const button = $(`[data-act="${dataset.actOf}"]:enabled`);
    button?.click();
    return button;
  },
};
on("click", (event) => {
  const { target } = event, pressed = target.closest("a, button"), row = target.closest("[data-rows] > tr");
  for (const menu of all(".menu[open]")) menu.open = menu.contains(target);
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  for (const name in pressed?.dataset) if (PRESSES[name]?.(pressed)) event.preventDefault();
  if (row && !target.closest("a, button, input, label, summary") && !`${getSelection()}`) $("th a", row)?.click();
});

// Unsaved entries. The browser asks before it leaves; the server keeps them, see form_start.html.
let dirty;
function change({ target }) {
  if (target.matches("[data-guard] *")) dirty = target.form;
  if (target.dataset.list) target.setAttribute("value", target.value);
  showWhatMatters(target.form ?? target);
}
on("input", change);
on("change", change);
on("beforeunload", (event) => { if (dirty) event.preventDefault(); }, window);
on("pagehide", () => {
  const draft = dirty && $("[data-draft]", dirty);
  if (draft) navigator.sendBeacon(draft.dataset.draft, new URLSearchParams(new FormData(dirty)));
}, window);
on("submit", (event) => {
  const { target, timeStamp } = event;
  if (target === dirty) dirty = null;
  if (timeStamp - target.sentAt < 1000) event.preventDefault(); // A double click.
  else target.sentAt = timeStamp;
});

// The palette. Enter waits for the rows of the present text.
const [palette, input, list] = ["palette", "palette-input", "palette-list"].map(byId);
let asked, enter;
function follow() {
  if (!enter || asked !== input.value) return;
  markOf(input)?.dispatchEvent(new MouseEvent("click", enter));
  enter = null;
}
on("keydown", (event) => {
  const by = STEPS[event.key];
  enter = event.key === "Enter" && !event.isComposing && event;
  if (by) step(input, all("a", list), by);
  if (by || enter) event.preventDefault();
  follow();
}, input);
on("htmx:afterSwap", ({ detail }) => {
  asked = detail.requestConfig.parameters.q;
  mark(input, $("a", list));
  follow();
}, list);
on("htmx:responseError", () => { list.textContent = "Could not search. Type on to try again."; }, input);
on("close", () => { input.value = ""; }, palette);
on("click", ({ target }) => { if (target.closest("a")) palette.close(); }, list);

// The drawer. It is one step in the history, whatever it shows.
const host = $("[data-drawer-host]"), below = []; // What a field of a form opens lies over the form.
const drawer = () => byId("drawer");
const here = () => location.pathname + location.search;
const rows = () => all("[data-rows] > tr:has(th a)");
let shown, opener, wanted;
function arrange() {
  shown = here();
  $("main").inert = drawer() && getComputedStyle(drawer()).position === "fixed";
  for (const row of rows()) row.ariaSelected = row.id === drawer()?.dataset.row;
  if (drawer()) $("h2", drawer()).focus({ preventScroll: true });
}
async function load(url) {
  const before = host.lastElementChild, swap = "beforeend settle:0s", headers = { Part: "drawer" };
  wanted = url;
  htmx.trigger(host, "htmx:abort");
  await htmx.ajax("GET", url, { source: host, target: host, swap, select: "#drawer", headers }).catch(() => {});
  if (url !== wanted) return; // Another one was opened, or it was closed.
  wanted = null;
  if (!drawer() || host.lastElementChild === before) return location.assign(url);
  while (drawer() !== host.lastElementChild) drawer().remove();
  arrange();
}
function open(link) {
  if (!drawer() || link.closest("[data-rows]")) opener = link;
  if (!drawer() && !wanted) history.pushState({ drawer: true }, "", link.href);
  else if (link.closest("#picker")) below.push(drawer());
  else history.replaceState(history.state, "", link.href);
  return load(link.href);
}
function hide() {
  const row = byId(drawer().dataset.row);
  below.length = wanted = 0;
  htmx.trigger(host, "htmx:abort");
  drawer().remove();
  arrange();
  [row && $("th a", row), opener, $("main")].find((each) => each?.isConnected).focus({ preventScroll: true });
}
function close() {
  const outer = below.pop();
  if (outer) {
    drawer().replaceWith(outer);
    arrange();
  } else if (history.state?.drawer) history.back();
  else {
    history.replaceState(null, "", $("[data-drawer-close]").href);
    hide();
  }
  return true;
}
on("popstate", () => {
  if (here() === shown) return;
  if (history.state?.drawer) load(location.href);
  else if (drawer()) hide();
  else location.reload(); // This page was in the drawer before a reload.
}, window);
// From properties/views/parts.py. A form that was left closes nothing.
on("drawer-done", ({ target }) => { if (!wanted && target.closest("#drawer")) close(); });
arrange();

// Ticked rows are counted. Shift ticks all from the last one.
let last;
const count = () => all("[data-count]").forEach((each) => { each.textContent = all("[data-rows] > tr :checked").length; });
on("click", ({ target, shiftKey }) => {
  const boxes = all("[data-rows] > tr [type=checkbox]"), at = boxes.indexOf(target), from = shiftKey ? boxes.indexOf(last) : at;
  if (at < 0) return;
  for (const box of boxes.slice(Math.min(at, from), Math.max(at, from))) box.checked = target.checked;
  last = target;
  count();
});
on("reset", () => setTimeout(count));

// Elements name their keys: aria-keyshortcuts, and data-go after g or e.
const CURRENT = ":is(:focus-within, [aria-selected=true])";
function move(by) {
  const found = rows(), at = found.findIndex((row) => row.matches(CURRENT)), row = found[at < 0 ? 0 : at + by];
  if (row && drawer()?.dataset.row) open($("th a", row));
  else if (row) $("th a", row).focus();
  row?.scrollIntoView({ block: "nearest" });
  return row;
}
function press(selector) {
  const found = all(selector).findLast((each) => each.checkVisibility());
  if (found?.matches("summary, [type=search]")) found.focus();
  if (found?.type !== "search") found?.click();
  return found;
}
const pressKey = (key) => press(`[aria-keyshortcuts~="${CSS.escape(key)}" i]`);
const MOVES = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };
const PRESSED = { x: `[data-rows] > tr${CURRENT} [type=checkbox]`, Escape: ".menu[open] > summary" };
let firstAt; // When g or e was pressed.
function act({ key, target, ctrlKey, metaKey, shiftKey, timeStamp }) {
  const isSecond = timeStamp - firstAt < 1500;
  firstAt = undefined;
  if (ctrlKey || metaKey) return !shiftKey && pressKey(`Control+${key}`);
  // No letters while typing, or if switched off, and no Escape from what is being typed.
  const isLetter = key.length === 1, isOff = isLetter && "lettersOff" in document.documentElement.dataset;
  const isTyping = target.closest("input:not([type=checkbox], [type=radio]), textarea, select");
  if (isOff || (isTyping && (dirty || key !== "Escape"))) return false;
  if (isSecond && press(`[data-go="${CSS.escape(key)}"]`)) return true;
  if (key === "g" || key === "e") firstAt = timeStamp;
  if (key in MOVES && (isLetter || $("[data-rows] :focus"))) return move(MOVES[key]);
  if (key === " ") return target.tabIndex < 0 && pressKey("Space");
  return firstAt || (key in PRESSED && press(PRESSED[key])) || pressKey(key);
}
on("keydown", (event) => {
  const isTaken = event.defaultPrevented || event.isComposing || event.altKey || $("dialog:modal");
  if (!isTaken && act(event)) event.preventDefault();
});
