// Who waits while somebody floods: the queue's shares, seen from outside.
import assert from 'node:assert/strict';
import {after, before, beforeEach, test} from 'node:test';

import {answer, completion, gate, ScriptedUpstream} from '../fakes/scripted_upstream.mjs';

import {configuration} from './lib/config.mjs';
import {startGateway} from './lib/gateway.mjs';
import {call, hello} from './lib/http.mjs';
import {eventually} from './lib/wait.mjs';

const kFlood = 60;
const kQuiet = 6;
let upstream;
before(async () => {
  upstream = await ScriptedUpstream.start();
});
after(() => upstream.close());
beforeEach(() => upstream.reset());

test('a team that floods does not make another wait for its turns', async () => {
  const opened = gate();
  const paid = answer({body: completion('ok')});
  upstream.always(async (exchange) => {
    await opened.opened;
    await paid(exchange);
  });
  const gateway = await startGateway(configuration({
    upstream,
    providers: [
      {name: 'up', kind: 'openai_compatible', base_url: `${upstream.url}/v1`, limits: {concurrency: 2}},
    ],
    keys: [
      {name: 'flood', key: 'key-of-the-flood-0123', team: 'loud'},
      {name: 'quiet', key: 'key-of-the-quiet-0123', team: 'soft'},
    ],
    queue: {max_wait: '60s'},
  }));
  try {
    const ask = (key, user) => call(gateway.api, {
      headers: {authorization: `Bearer ${key}`, 'content-type': 'application/json'},
      body: JSON.stringify(hello('m', {user})),
      ms: 60_000,
    });
    const waiting = (count) => eventually(`${count} requests`, async () => {
      const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
      return text.includes(`gatehouse_requests_in_flight ${count}\n`);
    });
    const flood = Array.from({length: kFlood}, () => ask('key-of-the-flood-0123', 'flood'));
    await waiting(kFlood);
    const quiet = Array.from({length: kQuiet}, () => ask('key-of-the-quiet-0123', 'quiet'));
    await waiting(kFlood + kQuiet);
    opened.open();
    const got = await Promise.all([...flood, ...quiet]);
    assert.ok(got.every((a) => a.status === 200));
    // Turn by turn from then on: all of the quiet team's are through after about as many of the loud one's.
    const users = upstream.requests.map((request) => request.json.user);
    const last = users.lastIndexOf('quiet');
    assert.ok(last < 2 + 3 * kQuiet, `the last of the quiet ones was number ${last} of ${users.length}`);
    assert.equal(users.filter((user) => user === 'quiet').length, kQuiet);
  } finally {
    await gateway.stop();
  }
});
