// What the scripts share.
export const $ = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];
export const byId = (id) => document.getElementById(id);
export const on = (type, act, root = document) => root?.addEventListener(type, act);
export const fits = (text, words) => words.toLowerCase().split(/\s+/).every((word) => text.toLowerCase().includes(word));

// Scrolls the box, not the page.
export const reveal = (row) => row.scrollIntoView({ block: "nearest", container: "nearest" });

// The row that the input is at.
export const markOf = (input) => input.ariaActiveDescendantElement;
export function mark(input, row = null) {
  for (const each of [markOf(input), row]) each?.setAttribute("aria-selected", each === row);
  input.ariaActiveDescendantElement = row;
  if (row) reveal(row);
}
export const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
export const step = (input, rows, by) => mark(input, rows.at((rows.indexOf(markOf(input)) + by) % rows.length));
