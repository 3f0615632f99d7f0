"""Code that tries to break out, to hang or to fill memory, and how each piece must end.

The expected end is the name of an error class, or ``ok`` if the attack simply has no effect. A single name
means that ECMAScript or a limit of docs/custom_code.md allows no other end; ``test_as_node.py`` checks in
Node what ECMAScript decides. Several names mean that an engine may choose: how much memory a text takes,
which limit is met first, or whether a pattern search backtracks. These pieces must only end, and touch
nothing.
"""

from __future__ import annotations

HOSTILE: dict[str, tuple[str, str]] = {
    # Loops
    "endless for": ("for (;;);", "ScriptTimedOut"),
    "endless while with work": ("let n = 0; while (true) n = (n * 7 + 1) % 1e9;", "ScriptTimedOut"),
    "endless loop that catches everything": ("for (;;) { try { for (;;); } catch { } }", "ScriptTimedOut"),
    "endless loop in finally": ("try { for (;;); } finally { for (;;); }", "ScriptTimedOut"),
    "endless generator": ("function* g() { for (;;) yield 1; } for (const x of g());", "ScriptTimedOut"),
    "endless iterator": (
        "return [...{[Symbol.iterator]: () => ({next: () => ({done: false, value: 0})})}];",
        "ScriptTooBig|ScriptTimedOut",
    ),
    "endless array length": ("const a = []; for (;;) a.length = 1e6;", "ScriptTimedOut"),
    "sort that never agrees": (
        "return Array.from({length: 1e5}, (_, i) => i).sort(() => { for (;;); });",
        "ScriptTimedOut",
    ),
    "endless replace callback": ("return 'abc'.replace(/b/, () => { for (;;); });", "ScriptTimedOut"),
    "endless getter in the result": ("return {get x() { for (;;); }};", "ScriptTimedOut"),
    "endless toJSON": ("return {toJSON() { for (;;); }};", "ScriptTimedOut"),
    "endless valueOf": ("return 1 + {valueOf() { for (;;); }};", "ScriptTimedOut"),
    "endless async function": ("await null; for (;;);", "ScriptTimedOut"),
    # Promises
    "promise that is never settled": ("return new Promise(() => {});", "ScriptFailed"),
    "promise loop": ("(function again() { Promise.resolve().then(again); })(); return 1;", "ScriptTimedOut"),
    "promise loop behind a result": (
        "(async () => { for (;;) await null; })(); return Promise.resolve(1);",
        "ScriptTimedOut",
    ),
    "queueMicrotask loop": ("function f() { queueMicrotask(f); } f(); return 1;", "ScriptTimedOut"),
    "thenable that calls itself": (
        "const t = {then(f) { f(t); }}; return t;",
        "ScriptTimedOut",
    ),
    "thenable getter that throws": ("return {get then() { throw new Error('no'); }};", "ScriptFailed"),
    "microtask that throws": ("queueMicrotask(() => { throw new Error('later'); }); return 1;", "ok"),
    "promise whose constructor is replaced": (
        "Promise.prototype.constructor = function () { for (;;); }; return Promise.resolve(1);",
        "ok",
    ),
    # Memory
    "growing list": (
        "const a = []; for (;;) a.push('x'.repeat(1e6) + a.length);",
        "ScriptTooBig|ScriptTimedOut",
    ),
    "doubling text": ("let s = 'x'; for (;;) s += s;", "ScriptTooBig|ScriptFailed"),
    "doubling list": ("let a = [1]; for (;;) a = a.concat(a);", "ScriptTooBig|ScriptTimedOut"),
    "growing map": (
        "const m = new Map(); for (let i = 0; ; i++) m.set(i, {i});",
        "ScriptTooBig|ScriptTimedOut",
    ),
    "huge buffer": ("return new ArrayBuffer(2 ** 31).byteLength;", "ScriptFailed|ScriptTooBig"),
    "many buffers": ("const a = []; for (;;) a.push(new ArrayBuffer(1e6));", "ScriptTooBig|ScriptTimedOut"),
    "growing shared buffer": (
        "const b = new SharedArrayBuffer(1, {maxByteLength: 1e9}); b.grow(1e9); return b.byteLength;",
        "ScriptFailed|ScriptTooBig|ok",
    ),
    "huge repeat": ("return 'x'.repeat(2 ** 30);", "ScriptFailed|ScriptTooBig"),
    "huge padStart": ("return ''.padStart(2 ** 29, 'abc').length;", "ScriptFailed|ScriptTooBig"),
    "huge join": ("return Array(1e7).join('xxxxxxxxxx').length;", "ScriptFailed|ScriptTooBig|ScriptTimedOut"),
    "huge sparse list": ("const a = []; a[4294967294] = 1; return a.fill(0);", "ScriptTimedOut|ScriptTooBig"),
    "memory that is caught and asked again": (
        "const a = []; for (;;) { try { for (;;) a.push('x'.repeat(1e5) + a.length); } catch { } }",
        "ScriptTimedOut|ScriptTooBig",
    ),
    "closures that hold each other": (
        "let f = () => 0; for (;;) { const g = f, b = 'x'.repeat(1e4) + Math.random(); f = () => [g, b]; }",
        "ScriptTooBig|ScriptTimedOut",
    ),
    # Numbers
    "power of big integers": (
        "return (2n ** 10000000n).toString().length;",
        "ScriptTimedOut|ScriptTooBig|ScriptFailed",
    ),
    "tower of big integers": (
        "let n = 3n; for (;;) n = n ** 3n;",
        "ScriptTimedOut|ScriptTooBig|ScriptFailed",
    ),
    "big integer from text": (
        "return BigInt('9'.repeat(1e6)) > 0n;",
        "ScriptTimedOut|ScriptTooBig|ScriptFailed",
    ),
    # Recursion
    "recursion": ("function f() { return f() + 1; } return f();", "ScriptFailed"),
    "recursion through JSON": (
        "const o = {toJSON() { return {o}; }}; return o;",
        "ScriptFailed|ScriptTimedOut",
    ),
    "recursion that catches": (
        "function f() { try { f(); } catch { f(); } } f(); return 1;",
        "ScriptTimedOut|ScriptFailed|ok",
    ),
    "recursive proxy": ("const p = new Proxy({}, {get: (t, n, r) => r[n]}); return p.x;", "ScriptFailed"),
    "endless prototype chain": (
        "const p = new Proxy({}, {getPrototypeOf: () => p}); return p instanceof Array;",
        "ScriptTimedOut|ScriptFailed",
    ),
    "deeply nested source": ("return " + "[" * 20000 + "]" * 20000 + ";", "ScriptFailed"),
    "deep brackets of functions": ("return " + "(()=>" * 5000 + "1" + ")" * 5000, "ScriptFailed|ok"),
    # Regular expressions
    "nested quantifiers": ("return /(a+)+$/.test('a'.repeat(50) + 'b');", "ScriptTimedOut|ok"),
    "alternation of the same": ("return /^(a|a)*$/.test('a'.repeat(50) + 'b');", "ScriptTimedOut|ok"),
    "back-references": (r"return /^(.*)(.*)(.*)(.*)\1\2\3\4x$/.test('ab'.repeat(200));", "ScriptTimedOut"),
    "huge counted pattern": (
        "return new RegExp('(a{1,60000}){1,60000}b').test('a'.repeat(5000));",
        "ScriptTimedOut|ScriptFailed|ScriptTooBig",
    ),
    "deeply nested pattern": (
        "return new RegExp('('.repeat(50000) + ')'.repeat(50000)).test('');",
        "ScriptFailed|ScriptTooBig",
    ),
    "replace with growing text": (
        "return 'a'.repeat(1e5).replace(/a/g, '$`$`');",
        "ScriptTooBig|ScriptTimedOut|ScriptFailed",
    ),
    # Results
    "huge text": ("return 'x'.repeat(70000);", "ScriptFailed"),
    "huge list": ("return Array(70000).fill(1);", "ScriptFailed"),
    "huge change of the event": ("arc.event.data.big = 'x'.repeat(70000);", "ScriptFailed"),
    "deep list": ("let a = []; for (let i = 0; i < 300; i++) a = [a]; return a;", "ScriptFailed"),
    "very deep list": (
        "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a;",
        "ScriptFailed|ScriptTooBig",
    ),
    "deep change of the event": (
        "let o = {}; for (let i = 0; i < 300; i++) o = {o}; arc.event.data = o;",
        "ScriptFailed",
    ),
    "cycle": ("const o = {}; o.o = o; return o;", "ScriptFailed"),
    "function": ("return () => 1;", "ScriptFailed"),
    "symbol": ("return Symbol('x');", "ScriptFailed"),
    "big integer": ("return 10n;", "ScriptFailed"),
    "big integer inside": ("return {n: 10n};", "ScriptFailed"),
    "proxy that throws": ("return new Proxy({}, {ownKeys() { throw new Error('no'); }});", "ScriptFailed"),
    "proxy that was revoked": (
        "const r = Proxy.revocable({}, {}); r.revoke(); return r.proxy;",
        "ScriptFailed",
    ),
    "endless keys": (
        "return new Proxy({}, {ownKeys: () => Array.from({length: 1e7}, (_, i) => 'k' + i)});",
        "ScriptTimedOut|ScriptTooBig|ScriptFailed",
    ),
    "half of a surrogate pair and NUL": (r"return 'a\ud800b\u0000c';", "ok"),
    "names with NUL": (r"return {'a\u0000b': 1, '__proto__': {x: 1}};", "ok"),
    "many logs": (
        "for (let i = 0; i < 1e4; i++) utils.logger.log('x'.repeat(1e4)); return 1;",
        "ok|ScriptTimedOut",
    ),
    "log of what cannot be shown": (
        "utils.logger.log({toJSON() { throw 1; }}, Symbol('s'), 1n, null, () => 1); return 1;",
        "ok",
    ),
    # Errors
    "throw nothing": ("throw undefined;", "ScriptFailed"),
    # The engine itself throws null if memory is too full for an error.
    "throw null": ("throw null;", "ScriptTooBig|ScriptFailed"),
    "throw text": ("throw 'no';", "ScriptFailed"),
    "throw huge text": ("throw new Error('x'.repeat(5e6));", "ScriptFailed|ScriptTooBig"),
    "error whose text loops": ("throw {toString() { for (;;); }};", "ScriptTimedOut"),
    "error whose message throws": (
        "throw {get message() { throw 1; }, get stack() { throw 2; }};",
        "ScriptFailed",
    ),
    # V8's way to write stacks; an engine without it only fails.
    "error whose stack is made": (
        "Error.prepareStackTrace = () => { for (;;); }; null.x;",
        "ScriptTimedOut|ScriptFailed",
    ),
    "error that is a proxy": (
        "throw new Proxy(new Error('x'), {get() { throw new Error('again'); }});",
        "ScriptFailed",
    ),
    "text of errors loops while time runs out": (
        "InternalError.prototype.toString = Error.prototype.toString = () => { for (;;); }; for (;;);",
        "ScriptTimedOut",
    ),
    "name of errors loops while time runs out": (
        "Object.defineProperty(InternalError.prototype, 'name', {get() { for (;;); }}); for (;;);",
        "ScriptTimedOut",
    ),
    # Ways out
    "closes the function": ("}); for (;;); (function () {", "ScriptTimedOut"),
    # No build has these four, because they do not parse as a body. How they end depends on our brackets.
    "closes the function and names the rest": (
        "}), globalThis.leak = 1, (function () {",
        "ok|ScriptFailed",
    ),
    "closes the function and leaves a joined text": (
        "}); const t = 'x'.repeat(9000); t + t + 'y'; (function () {",
        "ok|ScriptFailed",
    ),
    "leaves a joined text in place of the function": (
        "}), ('x'.repeat(9000) + 'y'.repeat(9000)) + (function () {",
        "ok|ScriptFailed",
    ),
    "comment without end": ("return 1; /*", "ScriptFailed"),
    "comment at the end": ("return 1; // the end", "ok"),
    "closes with a template": ("return `${(() => { for (;;); })()}`", "ScriptTimedOut"),
    "NUL in the source": ("return 1;\0 for (;;);", "ScriptFailed"),
    "half of a surrogate pair in the source": ("return '\ud800';", "ScriptFailed"),
    "constructor of the constructor": (
        "return (function () {}).constructor.constructor('return typeof process + typeof require')();",
        "ok",
    ),
    "constructor of arc": (
        "return arc.constructor.constructor('return this')().process === undefined;",
        "ok",
    ),
    "constructor of utils": ("return typeof utils.constructor;", "ok"),
    "import": ("return import('os');", "ScriptFailed"),
    "import of a file": ("return import('file:///etc/passwd').then((m) => String(m));", "ScriptFailed"),
    "require": ("return require('fs').readFileSync('/etc/passwd');", "ScriptFailed"),
    "Python from a function": ("return utils.getSettings.__globals__;", "ok"),
    "network": ("return utils.fetch('http://127.0.0.1/');", "ScriptFailed"),
    "global network": ("return fetch('http://127.0.0.1/');", "ScriptFailed"),
    "timers": ("return setTimeout(() => {}, 1);", "ok"),
    "timer without an end": ("return new Promise(() => setInterval(() => {}, 0));", "ScriptTimedOut"),
    "timers that double": (
        "(function again() { setTimeout(again); setTimeout(again); })(); return new Promise(() => {});",
        "ScriptTimedOut|ScriptTooBig",
    ),
    "timer that throws": ("return new Promise(() => setTimeout(() => { throw 1; }));", "ScriptFailed"),
    "address with a million letters": (
        "return new URL('http://' + 'é.'.repeat(5e5)).href;",
        "ScriptTimedOut|ScriptFailed|ScriptTooBig",
    ),
    "digest of a megabyte": (
        "return crypto.subtle.digest('SHA-512', new Uint8Array(1e6)).then(String);",
        "ScriptTimedOut|ScriptTooBig",
    ),
    "copy of a copy": (
        "let a = {}; for (;;) a = structuredClone({a, b: a});",
        "ScriptTimedOut|ScriptTooBig|ScriptFailed",
    ),
    # The host decides whether an agent can block: ECMA-262, AgentCanSuspend.
    "sleep": (
        "Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0);",
        "ScriptFailed|ScriptTimedOut",
    ),
    "eval": ("return eval('for (;;);');", "ScriptTimedOut"),
    # Changes that could harm later pieces
    "prototype of objects": ("Object.prototype.polluted = 1; arc.event.__proto__.polluted = 2;", "ok"),
    "prototype of lists": ("Array.prototype.map = () => 'patched'; Array.prototype.push = null;", "ok"),
    "prototype of texts": ("String.prototype.trim = () => 'patched';", "ok"),
    "setters on prototypes": (
        "for (const n of ['value', 'get', 'set', 'error', 'event', 'kind', '0', 'then']) "
        "Object.defineProperty(Object.prototype, n, {get() { return 'stolen'; }, set() { throw 1; }});",
        "ok|ScriptFailed",
    ),
    "JSON replaced": ("JSON.stringify = JSON.parse = () => { throw new Error('patched'); }; return 1;", "ok"),
    "toJSON on every object": ("Object.prototype.toJSON = () => ({stolen: 1}); return 1;", "ok|ScriptFailed"),
    "Object replaced": ("Object = Array = JSON = Reflect = Promise = undefined; return 1;", "ok"),
    "every global deleted": (
        "for (const n of Object.getOwnPropertyNames(globalThis)) { try { delete globalThis[n]; } catch {} } "
        "return 1;",
        "ok",
    ),
    "globals frozen": ("Object.freeze(globalThis); Object.freeze(Object.prototype); return 1;", "ok"),
    "global counter": ("counter = (globalThis.counter || 0) + 1; return counter;", "ok"),
    "getDataElementValue replaced": ("getDataElementValue = () => 'stolen'; return 1;", "ok"),
    "Date replaced": ("Date = undefined; Math.random = () => 4; return 1;", "ok"),
    "getters on arc": (
        "for (const n of ['event', 'request', 'ruleStash']) "
        "Object.defineProperty(arc, n, {get() { for (;;); }}); return 1;",
        "ok",
    ),
    "getter on arc after reading": (
        "arc.event; Object.defineProperty(arc, 'event', {get() { for (;;); }}); return 1;",
        "ScriptTimedOut",
    ),
    "event made a number": ("arc.event = 1;", "ScriptFailed"),
    "event deleted": ("delete arc.event; delete arc.ruleStash; return 1;", "ok"),
    "apply replaced": (
        "Function.prototype.apply = Function.prototype.call = () => { throw 1; }; return 1;",
        "ok",
    ),
    # Data elements
    "asks in a loop": ("for (;;) getDataElementValue('Known');", "ScriptTimedOut"),
    "asks for ever new names": (
        "for (let i = 0; ; i++) { try { getDataElementValue('n' + i); } catch {} }",
        "ScriptFailed|ScriptTimedOut",
    ),
    "asks with a name that loops": ("getDataElementValue({toString() { for (;;); }});", "ScriptTimedOut"),
    "asks with a name that throws": (
        "getDataElementValue({toString() { throw new Error('x'); }});",
        "ScriptFailed",
    ),
    "asks with a name of the language": ("return getDataElementValue('__proto__' + '');", "KeyError"),
    "asks with a huge name": ("return getDataElementValue('x'.repeat(2e6));", "ScriptTooBig|KeyError"),
}
