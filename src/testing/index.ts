export { ManualClock } from './manual-clock.ts';
export { openTestDatabase } from './open-test-database.ts';
export { type ScriptedAnswer, type ScriptedCall, scriptModel } from './script-model.ts';
