import type { Command } from './command.ts';

const json = 'one JSON document on the standard output at the end, in place of words';

/** Every command but those that tell of the others. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'serve',
    takes: '[AGENTS]',
    settings: { workers: ['N|auto', 'serve in N processes, or as many as there are cores (PostgreSQL)'] },
    summary: 'serve the agents of a module, such as ./agents.ts; without one, as questlog alone: the example',
    load: async () => (await import('./serve/serve.ts')).serve,
  },
  {
    name: 'dev',
    takes: '[AGENTS]',
    summary: 'as serve, and again with every change of the module or of what it imports',
    load: async () => (await import('./serve/dev.ts')).dev,
  },
  {
    name: 'init',
    takes: 'FOLDER',
    options: { json },
    summary: 'make a folder with an agent to begin with',
    load: async () => (await import('./init.ts')).init,
  },
  {
    name: 'migrate',
    takes: '',
    options: { 'dry-run': 'only name what is to be done', sql: 'only print it, as SQL for psql', json },
    settings: {
      attempts: [
        'N',
        'how often to ask for the locks that others hold, before it gives up and has changed nothing (20)',
      ],
    },
    summary: 'bring the tables up to date',
    interrupted: 'the tables are as they were',
    load: async () => (await import('./migrate.ts')).migrate,
  },
  {
    name: 'distribute',
    takes: '',
    options: { 'dry-run': 'only name what is to be done', json },
    summary: 'spread the tables over the nodes of a Citus cluster, by user',
    interrupted: 'run it again to go on behind the steps that are done',
    load: async () => (await import('./distribute.ts')).distribute,
  },
  {
    name: 'copy',
    takes: 'FROM TO',
    options: { json },
    summary: 'copy all chats into an empty database, such as: copy ./data postgres://…',
    interrupted: 'nothing was copied: run it again to begin anew',
    load: async () => (await import('./copy.ts')).copy,
  },
  {
    name: 'purge',
    takes: '',
    options: { 'dry-run': 'only count what would be removed', json },
    summary: 'remove what is older than it is kept (QUESTLOG_KEEP_…), as the server does every hour',
    interrupted: 'what was removed stays removed: run it again to go on',
    load: async () => (await import('./purge.ts')).purge,
  },
  {
    name: 'forget',
    takes: 'USER',
    options: { json },
    summary: 'remove everything that is stored of a user, for good',
    interrupted: 'run it again: it ends with nothing that was stored of this user',
    load: async () => (await import('./forget.ts')).forget,
  },
  {
    name: 'export',
    takes: '',
    settings: {
      user: ['ID', 'whose chats'],
      chat: ['ID', 'only this chat'],
      to: ['FILE', 'where to, instead of the standard output; one that is there is left alone'],
    },
    options: { json: `${json}; with --to` },
    summary: 'write all chats of a user, as JSON Lines',
    interrupted: 'the export is not whole: remove it, and run it again',
    load: async () => (await import('./carry/export.ts')).exportCommand,
  },
  {
    name: 'import',
    takes: 'SOURCE',
    settings: {
      user: ['ID', 'whose the chats are to be'],
      from: [
        'FORMAT',
        'questlog, chatgpt, python-sdk, mastra; default: as the file says, questlog or chatgpt',
      ],
    },
    options: {
      'users-from-source': 'in place of --user: as the source says, the resourceId of mastra',
      'dry-run': 'say what would be imported, and change nothing',
      json,
    },
    summary:
      'import chats from a file, or from the tables in a SQLite file or at postgres://…; run it again to go on',
    interrupted: 'what was imported stays: run it again to go on',
    load: async () => (await import('./carry/import.ts')).importCommand,
  },
  {
    name: 'doctor',
    takes: '',
    options: { json },
    summary: 'look at everything a server needs, and say what to do about it; changes nothing',
    load: async () => (await import('./doctor.ts')).doctor,
  },
];
