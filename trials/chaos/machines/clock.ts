/**
 * Preloaded into a replica (`node --import`): its clock is wrong by CLOCK_SHIFT_MS, as a machine's clock can be. Timers
 * and `performance` go on as they are: they measure spans, which a wrong clock does not change.
 */
const shiftMs = Number(process.env.CLOCK_SHIFT_MS ?? 0);

if (shiftMs !== 0) {
  const realNow = Date.now;
  const shiftedNow = () => realNow() + shiftMs;
  globalThis.Date = new Proxy(Date, {
    construct: (real, given, made) =>
      Reflect.construct(real, given.length === 0 ? [shiftedNow()] : given, made),
    // `Date()` without `new` is the time as text.
    apply: (real) => new real(shiftedNow()).toString(),
    get: (real, name, self) => (name === 'now' ? shiftedNow : Reflect.get(real, name, self)),
  });
}

export {};
