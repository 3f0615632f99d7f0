// What the scripts share.
export const $ = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];
export const byId = (id) => document.getElementById(id);
export const on = (type, act, root = document, options) => root?.addEventListener(type, act, options);
export const onFirst = (type, act) => on(type, act, document, true);

// Scrolls the box alone; scrollIntoView moves the page as well.
export function reveal(row, box) {
  const [at, room] = [row, box].map((it) => it.getBoundingClientRect());
  box.scrollTop += Math.min(0, at.top - room.top) || Math.max(0, at.bottom - room.bottom);
}

// The row of a list that its input is at.
export const markOf = (input) => byId(input.getAttribute("aria-activedescendant"));
export function mark(input, row) {
  for (const each of [markOf(input), row]) each?.setAttribute("aria-selected", each === row);
  input.setAttribute("aria-activedescendant", row?.id ?? "");
  if (row) reveal(row, row.closest("[role=listbox]"));
}
export const step = (input, rows, by) => mark(input, rows.at((rows.indexOf(markOf(input)) + by) % rows.length));
