// All questions, in the order in which they are asked.
import bundle from './bundle.mjs';
import contended from './contended.mjs';
import growth from './growth.mjs';
import pingpong from './pingpong.mjs';
import room from './room.mjs';
import tasks from './tasks.mjs';
import uncontended from './uncontended.mjs';
import versions from './versions.mjs';
import wakeup from './wakeup.mjs';

export const QUESTIONS = [uncontended, contended, pingpong, wakeup, tasks, growth, room, bundle, versions];
