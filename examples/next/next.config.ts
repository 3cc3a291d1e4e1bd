import type { NextConfig } from 'next';

const config: NextConfig = {
  // Drivers and servers are loaded when they are needed, not bundled.
  serverExternalPackages: ['questlog'],
};

export default config;
