// What a translated stream came to that its provider broke off with an error of its own: what was delivered is charged,
// though the provider had only told what it knew at the beginning.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {ScriptedUpstream, stream} from '../fakes/scripted_upstream.mjs';

import {configuration, model, providerKey} from './lib/config.mjs';
import {ledgerRows, startGateway, temporaryFolder} from './lib/gateway.mjs';
import {chat} from './lib/http.mjs';

test('an error after a 200 leaves what was delivered in the ledger', async () => {
  const upstream = await ScriptedUpstream.start();
  const words = 'one two three four five six seven eight nine ten eleven twelve '.repeat(4);
  const events = [
    {
      type: 'message_start',
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude-haiku-4-5',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: {input_tokens: 10, output_tokens: 1},
      }
    },
    {type: 'content_block_start', index: 0, content_block: {type: 'text', text: ''}},
    {type: 'content_block_delta', index: 0, delta: {type: 'text_delta', text: words}},
    {type: 'error', error: {type: 'overloaded_error', message: 'busy'}},
  ];
  upstream.always(stream(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)));
  const dir = temporaryFolder();
  const gateway = await startGateway(
      configuration({
        store: 'sqlite:gatehouse.db',
        providers: [{name: 'claude', kind: 'anthropic', base_url: upstream.url, api_key: providerKey}],
        models: [model('m', 'claude-haiku-4-5', {provider: 'claude'})],
      }),
      {dir});
  const got = await chat(gateway.api, {model: 'm', stream: true, messages: [{role: 'user', content: 'count'}]});
  assert.match(got.body.toString(), /busy/);
  gateway.signal('SIGTERM');
  await gateway.ended;
  const rows = await ledgerRows(dir);
  await upstream.close();
  assert.equal(rows.length, 1);
  assert.equal(rows[0].prompt_tokens, 10);
  assert.ok(rows[0].completion_tokens >= 40, `${rows[0].completion_tokens}`);
});
