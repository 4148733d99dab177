// `gatehouse tokens` as a person calls it.
import assert from 'node:assert/strict';
import {rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {after, describe, test} from 'node:test';

import {runGatehouse, temporaryFolder} from './lib/gateway.mjs';

describe('gatehouse tokens', () => {
  const dir = temporaryFolder();
  after(() => rmSync(dir, {recursive: true}));

  function tokens(text, ...more) {
    const file = path.join(dir, 'input');
    writeFileSync(file, text);
    return runGatehouse(['tokens', file, ...more], {dir});
  }

  test('a text: the count, or the ids', async () => {
    const counted = await tokens('Hello, world!', '--model', 'gpt-4o');
    assert.equal(counted.code, 0, counted.stderr);
    assert.equal(counted.stdout, '4\n');
    const listed = await tokens('Hello, world!', '--model', 'gpt-4', '--ids', '--json');
    assert.deepEqual(JSON.parse(listed.stdout),
        {tokens: 4, encoding: 'cl100k_base', exact: true, bytes: 13, ids: [9906, 11, 1917, 0]});
  });

  test('a chat request, as OpenAI bills it', async () => {
    const body = JSON.stringify({model: 'gpt-4o', messages: [{role: 'user', content: 'hello'}]});
    const got = JSON.parse((await tokens(body, '--chat', '--model', 'gpt-4o', '--json')).stdout);
    assert.equal(got.tokens, 8);
    assert.equal(got.messages, 1);
  });

  test('a model with a closed tokenizer is said to be an estimate', async () => {
    const got = await tokens('Hello, world!', '--model', 'claude-sonnet-4-5');
    assert.equal(got.code, 0);
    assert.match(got.stderr, /estimate/);
  });

  test('what cannot be counted: 2', async () => {
    for (const more of [['--encoding', 'none'], ['--chat'], ['--chat', '--ids'], ['--no-such-flag']]) {
      const got = await tokens('{', ...more);
      assert.equal(got.code, 2, more.join(' '));
      assert.notEqual(got.stderr, '');
    }
    assert.equal((await runGatehouse(['tokens', path.join(dir, 'nothing')], {dir})).code, 2);
  });
});
