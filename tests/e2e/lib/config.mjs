// The gateway's configuration, worded in one place.
import {callerKey} from './http.mjs';

// The key that the gateway shows to the provider; the caller's must never get there, and this one never back.
export const providerKey = 'test-provider-key-9876543210';

// A provider that speaks OpenAI at an upstream ({ url }, e.g. a ScriptedUpstream). `more` joins or replaces settings.
export function provider(upstream, {name = 'up', path = '/v1', ...more} = {}) {
  return {
    name,
    kind: 'openai_compatible',
    base_url: upstream.url + path,
    api_key: providerKey,
    ...(more.kind ? {} : {speaks: ['openai_chat', 'openai_responses']}),
    ...more
  };
}

// One target under the caller's name for it.
export function model(name, target = name, {provider: at = 'up', ...more} = {}) {
  return {name, targets: [{provider: at, model: target}], ...more};
}

// A whole configuration: one provider, model `m` sent as it stands and `alias` sent as `mapped-name`, one caller, and
// access records on standard output. `more` joins or replaces top-level sections. Learned models are off, for what they
// find changes with their weights: tests that are about them say `semantic`.
export function configuration({upstream, providers, models, listen = {}, timeouts = {}, ...more} = {}) {
  return {
    listen: {api: '127.0.0.1:0', admin: '127.0.0.1:0', ...listen},
    providers: providers ?? [provider(upstream)],
    models: models ?? [model('m'), model('alias', 'mapped-name')],
    keys: [{name: 'caller', key: callerKey, team: 'testers'}],
    access_log: {path: '-'},
    timeouts: {drain: '5s', ...timeouts},
    semantic: {enabled: false},
    ...more,
  };
}

// The sandbox as the only provider.
export function sandboxConfiguration(more = {}) {
  return {
    listen: {api: '127.0.0.1:0', admin: '127.0.0.1:0'},
    sandbox: {enabled: true},
    keys: [{name: 'caller', key: callerKey, team: 'testers'}],
    access_log: {path: '-'},
    ...more,
  };
}

// One worker, for tests that count connections: every worker has an upstream pool of its own.
export const oneWorker = {
  workers: {threads: 1}
};
