// Deadlines for things that happen on their own. Nothing here sleeps: a wait ends with its event or fails.

// Stretches every deadline, for machines or builds slower than an ASan build on two busy cores.
export const patience = Number(process.env.GATEHOUSE_E2E_PATIENCE ?? 1);

// The promise's value, or an error naming `what` when `ms` pass first.
export async function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms * patience} ms: ${what}`)), ms * patience);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// Asks `probe` until it answers with something true, for state that has no event to wait on (a file under /proc,
// a page of metrics). Returns the answer.
export async function eventually(what, probe, ms = 10_000) {
  const end = performance.now() + ms * patience;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (performance.now() > end) throw new Error(`not within ${ms * patience} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
