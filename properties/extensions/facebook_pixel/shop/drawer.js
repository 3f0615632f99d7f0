'use strict';

// The drawer: what the page has in its data layer, and what came of each event. The shop's server knows both sides.

(function () {
  const EVERY = 1000;
  const find = (name) => document.querySelector(`[data-testid=${name}]`);
  const drawer = document.querySelector('.drawer');
  let shown = '';

  function made(tag, className, text) {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    return element;
  }

  function line(side, word, tone, rest) {
    const paragraph = made('p', 'side', '');
    paragraph.append(made('span', 'name', side), made('span', `word ${tone}`, word), made('span', 'rest', rest));
    return paragraph;
  }

  const written = (value) => (typeof value === 'object' ? JSON.stringify(value) : String(value));

  function worth({ value, currency }) {
    return value === undefined ? '' : [value, currency].filter(Boolean).join(' ');
  }

  function browserSide(item, { parameters }) {
    item.append(line('Browser', 'Sent', 'ok', worth(parameters)));
    const others = Object.entries(parameters).filter(([key]) => key !== 'value' && key !== 'currency');
    if (others.length) {
      item.append(made('p', 'parameters', others.map(([key, value]) => `${key}: ${written(value)}`).join(', ')));
    }
  }

  function row(event) {
    const item = made('li', '', '');
    const head = made('p', 'event', '');
    head.append(made('strong', '', event.name || 'An event without a name'), made('span', `chip ${event.tone}`, event.verdict));
    item.append(head);
    const { browser, server } = event;
    if (browser) {
      browserSide(item, browser);
    } else {
      item.append(line('Browser', 'Nothing', 'none', ''));
    }
    item.append(server ? line('Server', server.word, server.tone, server.reason) : line('Server', 'Nothing yet', 'none', ''));
    if (server && server.url) {
      const link = made('a', 'more', 'Why, in the Event Log');
      Object.assign(link, { href: server.url, target: '_blank', rel: 'noopener' });
      item.append(link);
    }
    item.append(made('p', 'id', event.id));
    item.dataset.event = event.name;
    return item;
  }

  function show(events) {
    const text = JSON.stringify(events);
    if (text === shown) {
      return;
    }
    shown = text;
    find('events').replaceChildren(...events.map(row));
    find('empty').hidden = events.length > 0;
    find('count').textContent = events.length === 1 ? '1 event' : `${events.length} events`;
  }

  function showDataLayer() {
    const layer = window.dataLayer && window.dataLayer.meta;
    const text = layer === undefined ? 'undefined' : JSON.stringify(layer, null, 2);
    if (find('data-layer').textContent !== text) {
      find('data-layer').textContent = text;
    }
  }

  async function refresh() {
    showDataLayer();
    try {
      const answer = await fetch('/log');
      if (answer.ok) {
        show((await answer.json()).events);
      }
    } catch (error) {
      // The shop is stopping, or the visitor leaves the page.
    }
  }

  async function keepRefreshing() {
    if (!document.hidden) {
      await refresh();
    }
    setTimeout(keepRefreshing, EVERY);
  }

  find('clear').addEventListener('click', async () => {
    await fetch('/calls', { method: 'DELETE' });
    await refresh();
  });
  if (matchMedia('(max-width: 899px)').matches) {
    drawer.open = false;
  }
  document.addEventListener('click', () => setTimeout(showDataLayer, 0));
  keepRefreshing();
})();
