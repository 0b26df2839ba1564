// A route to a server, which can be cut while the server keeps running, and on which answers can take their time.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export class Way {
  readonly port: number;
  readonly #to: number;
  readonly #sockets = new Set<Socket>();
  readonly #delay: number;
  #server: Server;
  /** How often `silence` was called. */
  #silenced = 0;

  private constructor(server: Server, port: number, to: number, delay: number) {
    this.#delay = delay;
    this.#server = server;
    this.port = port;
    this.#to = to;
    this.#serve();
  }

  /** @param delay how long each answer takes, in ms */
  static async open(to: number, delay = 0): Promise<Way> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Way(server, (server.address() as { port: number }).port, to, delay);
  }

  #serve(): void {
    this.#server.on('connection', (near) => {
      const far = connect(this.#to, '127.0.0.1');
      const silenced = this.#silenced;
      near.pipe(far);
      far.on('data', (answer) => {
        if (this.#silenced > silenced) return;
        if (this.#delay === 0) near.write(answer);
        else setTimeout(() => near.write(answer), this.#delay);
      });
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
          this.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
    });
  }

  /** From now on nothing that is sent on the present connections is answered; new ones are not affected. */
  silence(): void {
    this.#silenced++;
  }

  async cut(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async mend(): Promise<void> {
    this.#server = createServer().listen(this.port, '127.0.0.1');
    this.#serve();
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.cut();
  }
}
