/** What a team's own files import as `payhook`: the configuration and the handlers. */
export { defineConfig, type PayhookConfig } from './config/define-config.ts';
export {
  done,
  type HandledWebhook,
  type Handler,
  type HandlerContext,
  type HandlerResult,
  ignore,
  reject,
  retryIn,
} from './core/ports/handler.ts';
