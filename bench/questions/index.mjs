// All questions, in the order in which they are asked.
import bundle from './bundle.mjs';
import checker from './checker.mjs';
import codec from './codec.mjs';
import contended from './contended.mjs';
import death from './death.mjs';
import distributed from './distributed.mjs';
import growth from './growth.mjs';
import joblib from './joblib.mjs';
import manager from './manager.mjs';
import pingpong from './pingpong.mjs';
import pool from './pool.mjs';
import queue from './queue.mjs';
import room from './room.mjs';
import tasks from './tasks.mjs';
import threads from './threads.mjs';
import trace from './trace.mjs';
import uncontended from './uncontended.mjs';
import versions from './versions.mjs';
import wakeup from './wakeup.mjs';

export const QUESTIONS = [
  uncontended,
  contended,
  pingpong,
  wakeup,
  trace,
  death,
  tasks,
  threads,
  queue,
  pool,
  manager,
  joblib,
  distributed,
  growth,
  room,
  codec,
  bundle,
  checker,
  versions,
];
