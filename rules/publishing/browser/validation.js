// Only a library of Development holds this. A person who opens the site with a token in the address sees in the
// product what the library does there. Without a token it does nothing.
//
// A report holds names and yes or no: no value of the page, no query of its address.

(function () {
  const PARAMETER = 'capi_validate';
  const KEPT = 'capi.validate';
  const LIFE = 900000;
  const SECOND = 1000;
  const PATIENCE = 5;
  const MOST_REPORTS = 20;
  const MOST = 30;

  function stored() {
    try {
      return JSON.parse(sessionStorage.getItem(KEPT));
    } catch (error) {
      return null; // The browser keeps nothing for this page.
    }
  }

  function store(value) {
    try {
      sessionStorage.setItem(KEPT, JSON.stringify(value));
    } catch (error) {
      // The session ends with this page.
    }
    return value;
  }

  /** Returns the session of this tab, which lasts from page to page; null without one. */
  function session() {
    const given = new URLSearchParams(window.location.search).get(PARAMETER) || '';
    const kept = stored();
    if (/^[0-9a-f]{32}$/.test(given) && (!kept || kept.token !== given)) {
      return store({ token: given, until: Date.now() + LIFE, calls: [], rules: [] });
    }
    return kept && kept.until > Date.now() ? kept : null;
  }

  const kept = session();
  if (!kept) {
    return;
  }
  const parts = {};
  const hosts = [];
  const blocked = [];
  const hadOtherEngine = typeof window._satellite !== 'undefined';
  let isLoaded = false;
  let hasWaited = false;
  let sent = '';
  let count = 0;

  function keep(list, entry) {
    if (!list.some((it) => JSON.stringify(it) === JSON.stringify(entry))) {
      list.push(entry);
      list.splice(0, list.length - MOST);
      store(kept);
    }
  }

  function path() {
    const segments = window.location.pathname.split('/').map((it) => (/@|%40/.test(it) ? '…' : it));
    return segments.join('/').slice(0, 200);
  }

  function seenBy(part) {
    try {
      return parts[part](hasWaited);
    } catch (error) {
      return {};
    }
  }

  function report() {
    return {
      host: window.location.host,
      path: path(),
      environment: _satellite.environment.id,
      content: _satellite.buildInfo.content,
      otherEngine: hadOtherEngine || Boolean(window._satellite && window._satellite !== _satellite),
      blocked,
      rules: kept.rules,
      calls: kept.calls,
      parts: Object.keys(parts).reduce((made, part) => ({ ...made, [part]: seenBy(part) }), {}),
    };
  }

  function post(text) {
    const data = { validation: kept.token, report: JSON.parse(text) };
    const body = JSON.stringify({ events: [{ xdm: { eventType: 'validation.report' }, data }] });
    const headers = { 'Content-Type': 'text/plain; charset=UTF-8' };
    fetch(shared.endpoint, { method: 'POST', mode: 'no-cors', credentials: 'omit', keepalive: true, headers, body })
      .catch(() => {}); // A blocker. The page of the session says what to do after a minute of silence.
  }

  /** Sends a report if it says something new. */
  function send() {
    try {
      const text = JSON.stringify(report());
      if (isLoaded && shared.endpoint && text !== sent && count < MOST_REPORTS && Date.now() < kept.until) {
        sent = text;
        count += 1;
        post(text);
      }
    } catch (error) {
      // Whatever it is, the page goes on as if nobody looked.
    }
  }

  function onLoad() {
    isLoaded = true;
    send();
    setTimeout(() => {
      hasWaited = true;
    }, PATIENCE * SECOND);
    setInterval(send, SECOND);
  }

  function hostOf(address) {
    try {
      return new URL(address).host;
    } catch (error) {
      return '';
    }
  }

  function onViolation(event) {
    const host = hostOf(event.blockedURI);
    if (hosts.includes(host)) {
      keep(blocked, `${event.effectiveDirective} ${host}`);
    }
  }

  const shared = {
    token: kept.token,
    endpoint: '',
    hosts,
    /** Adds what a package reports: `read(hasWaited)` returns an object of texts, numbers and yes or no. */
    add: (part, read) => {
      parts[part] = read;
    },
    /** Notes an event that went to a vendor's script. */
    call: (name, id, isStale) => keep(kept.calls, [String(name).slice(0, 50), String(id || '').slice(0, 100), isStale]),
    calls: kept.calls,
  };
  _satellite.validation = shared;
  _satellite._monitors = [
    {
      ruleCompleted: ({ rule }) => keep(kept.rules, [rule.name.slice(0, 100), true]),
      ruleActionFailed: ({ rule }) => keep(kept.rules, [rule.name.slice(0, 100), false]),
    },
  ];
  document.addEventListener('securitypolicyviolation', onViolation);
  window.addEventListener('pagehide', send);
  if (document.readyState === 'complete') {
    setTimeout(onLoad, 0);
  } else {
    window.addEventListener('load', onLoad);
  }
})();
