import { defineConfig } from 'payhook';

// Every setting has a default, so this file may stay as it is. What can be set, and why, stands beside each name in
// src/config/define-config.ts. Secrets never go here: see "Real providers" in README.md.
export default defineConfig({
  // mode: 'live',
  // handlers: './handlers.ts',
});
