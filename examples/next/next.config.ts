import type { NextConfig } from 'next';

const config: NextConfig = {
  // Left to Node, so that there is one Agents SDK in the process: yours and Questlog's.
  serverExternalPackages: ['questlog', '@openai/agents'],
};

export default config;
