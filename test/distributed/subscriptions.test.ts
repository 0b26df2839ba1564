// Subscriptions on connections that break, with a fake server that answers as the test says.
import { once } from 'node:events';
import { createServer, type Server as Listener, type Socket } from 'node:net';
import * as assert from 'uvu/assert';
import { Server } from '#dist/distributed/server.js';
import { atTestEnd, suite } from '../support/suite.js';
import { until } from '../support/workers.js';

const test = suite('subscriptions');

/** How long a command may take, in ms; a busy machine needs some of it even for a server that answers at once. */
const LIMIT = 500;
const CHANNEL = 'news';

const textOf = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;

/** A server that supports only the start of a connection, and subscriptions. */
class Fake {
  readonly #listener: Listener;
  readonly #sockets = new Set<Socket>();
  #subscribed: Socket | undefined;
  /** Whether it leaves requests for subscriptions unanswered. */
  mute = false;
  /** How often it was asked for a subscription. */
  asked = 0;

  private constructor(listener: Listener) {
    this.#listener = listener;
    listener.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
      let text = '';
      socket.on('data', (data) => {
        text += data;
        text = this.#answer(socket, text);
      });
    });
  }

  static async start(): Promise<Fake> {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new Fake(listener);
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#listener.address() as { port: number }).port}`;
  }

  /** Answers the complete commands in a text. @returns the rest of it */
  #answer(socket: Socket, text: string): string {
    for (let rest = text; ; ) {
      const count = /^\*(\d+)\r\n/.exec(rest);
      if (count === null) return rest;
      const words: string[] = [];
      let at = count[0].length;
      for (let i = Number(count[1]); i > 0; i--) {
        const head = /^\$(\d+)\r\n/.exec(rest.slice(at));
        if (head === null) return rest;
        const start = at + head[0].length;
        at = start + Number(head[1]) + 2;
        if (rest.length < at) return rest;
        words.push(rest.slice(start, at - 2));
      }
      rest = rest.slice(at);
      this.#reply(socket, words);
    }
  }

  #reply(socket: Socket, [name, ...args]: string[]): void {
    if (/^info$/i.test(name)) {
      socket.write(textOf('redis_version:7.0.0\r\n'));
    } else if (/^subscribe$/i.test(name)) {
      this.asked++;
      if (this.mute) return;
      this.#subscribed = socket;
      socket.write(`*3\r\n${textOf('subscribe')}${textOf(args[0])}:1\r\n`);
    } else {
      socket.write('+OK\r\n');
    }
  }

  publish(message: string): void {
    this.#subscribed?.write(`*3\r\n${textOf('message')}${textOf(CHANNEL)}${textOf(message)}`);
  }

  /** Ends all connections. */
  cut(): void {
    this.#subscribed = undefined;
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.#listener.close();
    this.cut();
  }
}

test('a subscription survives a connection that breaks before it is restored, and leaves no unhandled rejection', async () => {
  const fake = await Fake.start();
  atTestEnd(() => fake.close());
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  atTestEnd(() => void process.off('unhandledRejection', note));
  const server = await Server.open({ url: fake.url, label: 'fake' }, LIMIT);
  const heard: string[] = [];
  await server.subscribe(CHANNEL, (message) => heard.push(message));
  fake.mute = true;
  fake.cut();
  await until(() => fake.asked === 2, { what: 'it is asked for again' });
  // After this time a command would have been given up.
  await new Promise((resolve) => setTimeout(resolve, 2 * LIMIT));
  fake.mute = false;
  fake.cut();
  await until(
    () => {
      fake.publish('hello');
      return heard.includes('hello');
    },
    { what: 'a message is heard' },
  );
  // A request that is under way when the connection is ended.
  fake.mute = true;
  fake.cut();
  const before = fake.asked;
  await until(() => fake.asked > before, { what: 'it is asked for once more' });
  await server.close();
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(unhandled, []);
});

test.run();
