import { Agent } from '@openai/agents-core';
import { ScriptedModel } from '@openai/agents-core/testing';
import { expect } from 'vitest';
import { agentTest } from '../support/app.ts';
import { newUser } from '../support/databases.ts';

const PIXEL = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';
const PARTS = [
  { type: 'input_text', text: 'What is this?' },
  { type: 'input_image', image: PIXEL },
  { type: 'input_file', file: 'data:application/pdf;base64,JVBERi0=', filename: 'a.pdf' },
];

agentTest(
  'what an agent does not accept is said, and refused before anything is stored',
  async ({ talkTo }) => {
    const agent = new Agent({ name: 'Reader', model: new ScriptedModel([]) });
    const ask = await talkTo({ agent, accepts: { images: false, files: false } });
    expect((await ask('GET', '/chat/info')).json().accepts).toEqual({ images: false, files: false });
    const input = [{ role: 'user', content: PARTS }];
    const reply = await ask('POST', '/chat/run', { input, session_id: newUser() });
    expect([reply.statusCode, reply.json().errors]).toEqual([
      400,
      [
        { field: 'input[0].content[1]', message: 'is an image, which this agent does not take' },
        { field: 'input[0].content[2]', message: 'is a file, which this agent does not take' },
      ],
    ]);
    expect((await ask('GET', '/chats')).json().total).toBe(0);
  },
);
