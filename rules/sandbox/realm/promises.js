// Results that arrive later.
(function (taken) {
  "use strict";
  const { apply, then, Pledge, part, current } = taken;

  return (promise) => {
    const piece = current();
    const accept = (value) => {
      piece.pending = false;
      piece.value = value;
    };
    const refuse = (error) => {
      piece.pending = false;
      part("errors").thrown(piece, error);
    };
    piece.pending = true;
    apply(then, new Pledge((settle) => settle(promise)), [accept, refuse]);
  };
})
