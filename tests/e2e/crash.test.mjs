// Killed at any moment: what a caller saw whole is in the usage ledger, once, and nothing else is.
//
// GATEHOUSE_E2E_KILLS says how often (the daily run does a few; 100 for the claim in docs/ledger.md).
import assert from 'node:assert/strict';
import path from 'node:path';
import {test} from 'node:test';

import {answer, completion, ScriptedUpstream} from '../fakes/scripted_upstream.mjs';

import {configuration} from './lib/config.mjs';
import {ledgerRows, runGatehouse, startGateway, temporaryFolder} from './lib/gateway.mjs';
import {callerKey, hello} from './lib/http.mjs';
import {within} from './lib/wait.mjs';

const kKills = Number(process.env.GATEHOUSE_E2E_KILLS ?? 4);
const kCallers = 8;

test(`kill -9 at ${kKills} moments under load`, async () => {
  const upstream = await ScriptedUpstream.start();
  const usage = {prompt_tokens: 7, completion_tokens: 3, total_tokens: 10};
  upstream.always(answer({body: JSON.stringify({...JSON.parse(completion('ok')), usage})}));
  const dir = temporaryFolder();
  const settings = configuration({
    upstream,
    store: 'sqlite:gatehouse.db',
    prices: [{model: '*', input: 1000000, output: 1000000}],
    budgets: [{scope: 'team:testers', window: 'lifetime', usd: 1000000}],
  });
  delete settings.access_log;
  const seen = [];  // ids of requests whose answer arrived whole
  for (let round = 0; round < kKills; ++round) {
    const gateway = await startGateway(settings, {dir});
    let killed = false;
    let finished = 0;
    const victim = 20 + Math.floor(Math.random() * 300);
    const caller = async () => {
      while (!killed) {
        try {
          const response = await fetch(`${gateway.url}/v1/chat/completions`, {
            method: 'POST',
            headers: {authorization: `Bearer ${callerKey}`, 'content-type': 'application/json'},
            body: JSON.stringify(hello('m', {max_tokens: 3})),
          });
          const id = response.headers.get('x-gatehouse-request-id');
          const body = await response.json();
          assert.equal(body.usage.total_tokens, 10);
          seen.push(id);
          if (++finished === victim) {
            killed = true;
            gateway.signal('SIGKILL');
          }
        } catch (error) {
          if (!killed) throw error;
        }
      }
    };
    await within(60_000, 'the kill', Promise.all(Array.from({length: kCallers}, caller)));
    await gateway.ended;
  }
  const gateway = await startGateway(settings, {dir});
  gateway.signal('SIGTERM');
  await gateway.ended;
  const rows = await ledgerRows(dir);
  const ids = new Set(rows.map((row) => row.request_id));
  assert.equal(ids.size, rows.length, 'a request is in the ledger twice');
  assert.deepEqual(seen.filter((id) => !ids.has(id)), [], 'answers that nobody paid for');
  // Those that the kill interrupted are charged as they were held; nobody else is in it.
  const interrupted = rows.filter((row) => row.finish === 'interrupted').length;
  assert.ok(interrupted <= kKills * kCallers, `${interrupted} interrupted`);
  assert.ok(rows.length - interrupted <= upstream.requests.length);
  // The sums by hour, which budgets are restored from, say the same.
  const summed = await runGatehouse(
      ['usage', '--store', `sqlite:${path.join(dir, 'gatehouse.db')}`, '--by', 'hour', '--format', 'json']);
  assert.equal(JSON.parse(summed.stdout).total.requests, rows.length, summed.stderr);
  await upstream.close();
});
