import { readdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { makeFolder } from '../../driver/pglite/make-folder.ts';
import { QuestlogError } from '../../errors.ts';
import { toSlug } from '../../http/agents/slug.ts';
import { VERSION } from '../version.ts';
import type { Run } from './command.ts';

export const init: Run = async ([folder = '']) => {
  const files = toFiles(folder);
  await write(folder, files).catch((cause: unknown) => {
    if (cause instanceof QuestlogError) throw cause;
    throw new QuestlogError('invalid_request', `the folder ${folder} cannot be made`, { cause });
  });
  return {
    lines: [`made ${folder}; go on with:`, `  cd ${folder}`, '  npm install', '  npm run dev'],
    document: { folder: resolve(folder), files: Object.keys(files) },
  };
};

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await makeFolder(resolve(folder));
  if (readdirSync(folder).length > 0) {
    throw new QuestlogError('invalid_request', `the folder ${folder} is there already, and not empty`);
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

function toFiles(folder: string): Readonly<Record<string, string>> {
  const name = basename(resolve(folder));
  return {
    'agents.ts': AGENTS,
    'package.json': `${JSON.stringify(toManifest(name), null, 2)}\n`,
    '.env.example': ENVIRONMENT,
    '.gitignore': 'node_modules\ndata\n.env\n',
    'README.md': `# ${name}\n\n${README}`,
  };
}

function toManifest(name: string): object {
  return {
    // npm takes no others in a name.
    name: toSlug(name) || 'my-agent',
    private: true,
    type: 'module',
    scripts: { dev: 'questlog dev ./agents.ts', start: 'questlog serve ./agents.ts' },
    dependencies: DEPENDENCIES,
  };
}

/** tsx, too: Node 20 serves no TypeScript without it. */
const DEPENDENCIES = {
  '@openai/agents': '~0.20.0',
  'questlog-server': `^${VERSION}`,
  tsx: '^4.20.0',
  zod: '^4.0.0',
};

const AGENTS = `import { Agent, tool } from '@openai/agents';
import { z } from 'zod';

const lookUpOrder = tool({
  name: 'look_up_order',
  description: 'Tells where an order is.',
  parameters: z.object({ order: z.string() }),
  execute: async ({ order }) => \`Order \${order} is on its way.\`,
});

const refund = tool({
  name: 'refund',
  description: 'Refunds an order.',
  parameters: z.object({ order: z.string() }),
  // A person is asked first, and may answer tomorrow.
  needsApproval: true,
  execute: async ({ order }) => \`Order \${order} is refunded.\`,
});

const support = new Agent({
  name: 'Support',
  instructions: 'You help the customers of a shop with their orders.',
  tools: [lookUpOrder, refund],
});

export default [
  {
    agent: support,
    title: 'Support',
    description: 'Ask about an order, or have it refunded.',
    suggestions: ['Call look_up_order {"order":"42"}', 'Call refund {"order":"42"}'],
  },
];
`;

const ENVIRONMENT = `# Copy this file to .env. Without a key the offline model answers, which calls what you name.
OPENAI_API_KEY=
# Without it, chats are stored in ./data.
DATABASE_URL=
`;

const README = `An agent that keeps its conversations, with Questlog.

\`\`\`sh
npm install
npm run dev        # http://127.0.0.1:8000, anew with every change of agents.ts
npm start          # the same, without watching
\`\`\`
`;
