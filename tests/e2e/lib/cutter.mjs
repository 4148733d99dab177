// Stands between the gateway and a provider, hands the provider's bytes on in small writes, wherever the cuts fall, and
// keeps what the provider was sent.
import net from 'node:net';

export class Cutter {
  // `to`: { host, port } of the provider; `size`: the most bytes a write.
  static async start(to, size) {
    const cutter = new Cutter();
    cutter.#server = net.createServer({noDelay: true}, (client) => {
      const provider = net.connect({...to, noDelay: true});
      cutter.#sockets.add(client).add(provider);
      client.on('data', (data) => {
        cutter.sent += data.toString('latin1');
        provider.write(data);
      });
      client.on('end', () => provider.end());
      provider.on('data', (data) => {
        for (let at = 0; at < data.length; at += size) client.write(data.subarray(at, at + size));
      });
      // An end that was none stays none.
      provider.on('end', () => client.end());
      provider.on('error', () => client.resetAndDestroy());
      client.on('error', () => provider.destroy());
      for (const socket of [client, provider]) socket.on('close', () => cutter.#sockets.delete(socket));
      client.on('close', () => provider.destroy());
    });
    await new Promise((resolve) => cutter.#server.listen(0, '127.0.0.1', resolve));
    cutter.url = `http://127.0.0.1:${cutter.#server.address().port}`;
    return cutter;
  }

  #server;
  #sockets = new Set();
  sent = '';  // to the provider, heads and bodies; a test empties it

  async close() {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
