/**
 * Gives a replica a wrong clock, as a machine can have one: preloaded with `node --import`, shifts the date by
 * CLOCK_SHIFT_MS. Timers and `performance` stay as they are, since a wrong clock does not change how long things take.
 */
const shiftMs = Number(process.env.CLOCK_SHIFT_MS ?? 0);

if (shiftMs !== 0) {
  const realNow = Date.now;
  const shiftedNow = () => realNow() + shiftMs;
  globalThis.Date = new Proxy(Date, {
    construct: (real, given, made) =>
      Reflect.construct(real, given.length === 0 ? [shiftedNow()] : given, made),
    // `Date()` without `new` returns the time as text.
    apply: (real) => new real(shiftedNow()).toString(),
    get: (real, name, self) => (name === 'now' ? shiftedNow : Reflect.get(real, name, self)),
  });
}

export {};
