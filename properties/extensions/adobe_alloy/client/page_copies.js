'use strict';

// The events that this page has given to vendors' scripts since its last event to the server. They go along with
// the next event, so that the server can tell whether both copies have the same name and ID. No request is added.

const MOST = 5;
const copies = [];

document.addEventListener('capi:copy', ({ detail }) => {
  copies.push(detail);
  copies.splice(0, copies.length - MOST);
});

/** Adds them to the content of an event; the Web SDK calls this right before it sends. */
module.exports = (content) => {
  if (copies.length) {
    content.data = { ...content.data, capiCopies: copies.splice(0) };
  }
};
