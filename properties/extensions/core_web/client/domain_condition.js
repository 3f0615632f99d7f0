'use strict';

/** Whether the page's host is one of the domains, or below one. */
module.exports = function (settings) {
  const host = window.location.hostname.toLowerCase();
  return settings.domains.some((domain) => `.${host}`.endsWith(`.${String(domain).trim().toLowerCase()}`));
};
