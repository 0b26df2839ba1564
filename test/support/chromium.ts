// The browser that the tests of pages run in.

/** Where it is. */
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** It runs as any user, and does nothing of its own. */
export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
