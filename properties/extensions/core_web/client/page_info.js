'use strict';

const READ = {
  url: () => window.location.href,
  hostname: () => window.location.hostname,
  pathname: () => window.location.pathname,
  protocol: () => window.location.protocol,
  referrer: () => document.referrer,
  title: () => document.title,
};

module.exports = (settings) => (READ[settings.attribute] || READ.url)();
