// What a run prints.

// The levels that a release has to reach, as parts of one.
const kWanted = {
  faithful: 1,
  translated: 0.97
};

const percent = (part, whole) => (whole === 0 ? '-' : `${(100 * part / whole).toFixed(1)} %`);

function count(results, wanted) {
  const of = results.filter((result) => result.wanted === wanted);
  return {reached: of.filter((result) => result.result === wanted).length, all: of.length};
}

function row(name, results) {
  const faithful = count(results, 'faithful');
  const translated = count(results, 'translated');
  const failed = results.filter((result) => result.result === 'failed').length;
  const recordings = new Set(results.map((result) => result.recording)).size;
  return `| ${name} | ${recordings} | ${faithful.reached}/${faithful.all} | ${
      percent(faithful.reached, faithful.all)} | ${translated.reached}/${translated.all} | ${
      percent(translated.reached, translated.all)} | ${failed} |`;
}

// True when all wanted levels are reached.
export function print(results, {json, left}) {
  if (json) {
    for (const result of results) console.log(JSON.stringify(result));
  } else {
    for (const {provider, recording, dialect, front, reason} of results.filter(({result}) => result === 'failed')) {
      console.log(`FAILED ${provider}: ${recording} (${dialect} to ${front}): ${reason.replaceAll('\n', ' ')}`);
    }
    const why = new Map();
    for (const {why: reason} of left) why.set(reason, (why.get(reason) ?? 0) + 1);
    console.log(`\nLeft out: ${[...why].map(([reason, times]) => `${times} ${reason}`).join(', ')}.\n`);
    console.log('| provider | recordings | faithful | | translated | | failed |\n|---|---|---|---|---|---|---|');
    for (const name of [...new Set(results.map((result) => result.provider))].sort()) {
      console.log(row(name, results.filter((result) => result.provider === name)));
    }
    console.log(row('all', results));
  }
  return Object.entries(kWanted).every(([wanted, level]) => {
    const {reached, all} = count(results, wanted);
    return reached >= level * all;
  });
}
