'use strict';

// The shop itself: it fills the data layer in its own handlers, as any shop does, and knows nothing of rules.

(function () {
  const CART = 'shop.cart';
  const CURRENCY = 'EUR';

  const cart = () => JSON.parse(sessionStorage.getItem(CART) || '[]');
  const round = (value) => Math.round(value * 100) / 100;

  function fill(data) {
    window.dataLayer.meta = data;
  }

  function productOf(element) {
    const { id, name, price, category } = element.closest('.product').dataset;
    return { id, name, price: Number(price), category };
  }

  function ofProduct({ id, name, price, category }) {
    return {
      content_ids: [id],
      content_name: name,
      content_category: category,
      content_type: 'product',
      contents: [{ id, quantity: 1, item_price: price }],
      currency: CURRENCY,
      value: price,
    };
  }

  function ofCart() {
    const held = cart();
    return {
      content_ids: held.map((it) => it.id),
      content_type: 'product',
      contents: held.map(({ id, quantity, price }) => ({ id, quantity, item_price: price })),
      currency: CURRENCY,
      num_items: held.reduce((sum, it) => sum + it.quantity, 0),
      value: round(held.reduce((sum, it) => sum + it.quantity * it.price, 0)),
    };
  }

  function put(product) {
    const held = cart();
    const found = held.find((it) => it.id === product.id);
    const rest = held.filter((it) => it !== found);
    const quantity = found ? found.quantity + 1 : 1;
    sessionStorage.setItem(CART, JSON.stringify([...rest, { ...product, quantity }]));
  }

  const acts = {
    '.look-closer': (element) => {
      element.nextElementSibling.hidden = false;
      fill(ofProduct(productOf(element)));
    },
    '.add-to-cart-button': (element) => {
      put(productOf(element));
      fill(ofProduct(productOf(element)));
    },
    '.wish': (element) => fill(ofProduct(productOf(element))),
    '.checkout-link': () => fill(ofCart()),
    '.use-card': () => fill(ofCart()),
    '.register': () => fill({ content_name: 'Club', status: 'completed', currency: CURRENCY, value: 0 }),
    '.start-trial': () => fill({ currency: CURRENCY, predicted_ltv: 60, value: 0 }),
    '.subscribe': () => fill({ currency: CURRENCY, predicted_ltv: 180, value: 5 }),
    '.initials, .find-store, .contact, .schedule, .apply, .donate': () => fill({}),
  };
  const forms = {
    '.search-form': (form) => fill({ search_string: form.elements.q.value }),
    '.order-form': () => {
      fill({ ...ofCart(), order_id: `order-${Date.now()}` });
      sessionStorage.removeItem(CART);
    },
    '.lead-form': (form, event) => {
      event.preventDefault();
      fill({ content_name: 'Letter', currency: CURRENCY, value: 2, user: { email: form.elements.email.value } });
    },
  };

  function say(button) {
    button.classList.add('done');
    setTimeout(() => button.classList.remove('done'), 1200);
  }

  Object.entries(acts).forEach(([selector, act]) => {
    document.querySelectorAll(selector).forEach((element) => {
      element.addEventListener('click', () => {
        act(element);
        say(element);
      });
    });
  });
  Object.entries(forms).forEach(([selector, act]) => {
    document.querySelectorAll(selector).forEach((form) => {
      form.addEventListener('submit', (event) => act(form, event));
    });
  });

  const shown = document.querySelector('[data-testid=cart]');
  const held = ofCart();
  if (shown && held.num_items) {
    shown.textContent = `${held.num_items} for ${held.value.toFixed(2)} ${CURRENCY}`;
  }
  const asked = new URLSearchParams(location.search).get('q');
  if (asked !== null && document.querySelector('#q')) {
    document.querySelector('#q').value = asked;
  }
})();
