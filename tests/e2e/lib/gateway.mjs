// Starts the real binary on free ports, and stops it asserting that it went well.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';

import {eventually, within} from './wait.mjs';

export function gatewayBinary() {
  const bin = process.env.GATEHOUSE_BIN;
  if (!bin) throw new Error('GATEHOUSE_BIN must name the gatehouse binary');
  return bin;
}

// Under ThreadSanitizer every byte has shadows and a history: the process's size says nothing of what it keeps.
export function sizeIsTelling() {
  return !readFileSync(gatewayBinary()).includes('__tsan_init');
}

// What a sanitizer prints when it found something; the process may still exit 0 in a signal handler's shadow.
const kSanitizerReport = /(ERROR|WARNING|SUMMARY): \w*Sanitizer|runtime error:/;

// What must not outlive the test's own process.
const running = new Set();
const folders = [];
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const dir of folders) rmSync(dir, {recursive: true, force: true});
});

// A folder that goes when the test's process ends.
export function temporaryFolder() {
  const dir = mkdtempSync(path.join(tmpdir(), 'gatehouse-e2e-'));
  folders.push(dir);
  return dir;
}

// `config`: an object (written as JSON, which is YAML), text, or null for no configuration at all.
export async function startGateway(config, {env = {}, dir = temporaryFolder()} = {}) {
  const gateway = new Gateway(dir);
  const argv = ['serve'];
  if (config !== null) {
    gateway.write(config);
    argv.push('--config', gateway.configFile);
  }
  gateway.spawn(argv, env);
  try {
    await gateway.listening();
  } catch (error) {
    await gateway.kill();
    throw error;
  }
  return gateway;
}

// Runs the binary to its end: { code, stdout, stderr }.
export async function runGatehouse(args, {env = {}, dir = undefined} = {}) {
  const child =
      spawn(gatewayBinary(), args, {cwd: dir, env: {...process.env, ...env}, stdio: ['ignore', 'pipe', 'pipe']});
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const code =
      await within(20_000, `gatehouse ${args.join(' ')}`, new Promise((resolve) => child.once('close', resolve)));
  assert.doesNotMatch(stderr, kSanitizerReport);
  return {code, stdout, stderr};
}

// Every request in the ledger of a folder's store, the newest first.
export async function ledgerRows(dir) {
  const {code, stdout, stderr} = await runGatehouse(['usage', 'rows', '--store', `sqlite:${path.join(dir, 'gatehouse.db')}`]);
  assert.equal(code, 0, stderr);
  return stdout.trim().split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
}

class Gateway {
  #changed = new Set();
  stdout = '';
  stderr = '';
  exit = null;  // { code, signal } once it has ended

  constructor(dir) {
    this.dir = dir;
    this.configFile = path.join(dir, 'gatehouse.yaml');
  }

  // Writes the configuration file; a running gateway takes it up at the next SIGHUP.
  write(config) {
    writeFileSync(this.configFile, typeof config === 'string' ? config : JSON.stringify(config, null, 2));
  }

  spawn(argv, env) {
    this.process = spawn(gatewayBinary(), argv, {
      cwd: this.dir,
      env: {...process.env, ...env},
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.pid = this.process.pid;
    running.add(this.process);
    this.process.stdout.setEncoding('utf8').on('data', (text) => {
      this.stdout += text;
      this.#signal();
    });
    this.process.stderr.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
      this.#signal();
    });
    this.ended = new Promise((resolve) => {
      this.process.once('close', (code, signal) => {
        running.delete(this.process);
        this.exit = {code, signal};
        this.#signal();
        resolve(this.exit);
      });
    });
  }

  async listening() {
    const line = await this.until('the listening line', () => {
      if (this.exit) throw new Error(`gatehouse ended before it listened: ${JSON.stringify(this.exit)}\n${this.log}`);
      return this.stdout.split('\n').find((l) => l.startsWith('{') && l.includes('"listening"') && l.endsWith('}'));
    }, 20_000);
    const {api, admin, pid} = JSON.parse(line);
    assert.equal(pid, this.pid, 'the printed pid is the process that was started');
    this.api = address(api);
    this.admin = address(admin);
    this.url = `http://${api}`;
    this.adminUrl = `http://${admin}`;
  }

  get log() {
    return this.stdout + this.stderr;
  }

  // Every line of either output that is a JSON object.
  get records() {
    return this.log.split('\n').filter((l) => l.startsWith('{')).flatMap((l) => {
      try {
        return [JSON.parse(l)];
      } catch {
        return [];
      }
    });
  }

  // The first true value of `probe`, asked whenever the gateway prints something or ends.
  async until(what, probe, ms = 10_000) {
    let check;
    try {
      return await within(
          ms, `${what}; the gateway printed:\n${this.log.slice(-4000)}`, new Promise((resolve, reject) => {
            check = () => {
              try {
                const value = probe();
                if (value) resolve(value);
              } catch (error) {
                reject(error);
              }
            };
            this.#changed.add(check);
            check();
          }));
    } finally {
      this.#changed.delete(check);
    }
  }

  signal(name) {
    process.kill(this.pid, name);
  }

  // SIGTERM, and everything that must then be true: it ends by itself with 0, and no sanitizer complained.
  async stop() {
    if (!this.exit) this.signal('SIGTERM');
    try {
      await within(20_000, 'the end after SIGTERM', this.ended);
      assert.deepEqual(
          this.exit, {code: 0, signal: null}, `exit of the gateway; it printed:\n${this.log.slice(-8000)}`);
      assert.doesNotMatch(this.stderr, kSanitizerReport);
    } finally {
      await this.kill();
    }
  }

  async kill() {
    if (!this.exit) {
      this.process.kill('SIGKILL');
      await this.ended;
    }
    rmSync(this.dir, {recursive: true, force: true});
  }

  #signal() {
    for (const check of [...this.#changed]) check();
  }

  // Open descriptors of the process.
  descriptors() {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  // Resident memory in bytes.
  residentBytes() {
    const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))[1];
    return Number(kb) * 1024;
  }

  descriptorsFallTo(count, ms = 10_000) {
    return eventually(`at most ${count} descriptors`, () => this.descriptors() <= count, ms);
  }
}

function address(text) {
  const at = text.lastIndexOf(':');
  return {host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1))};
}
