import express, { type Router } from 'express';
import { readAssets } from './assets.ts';

// Nothing inline, nothing from elsewhere, and no HTML made from strings.
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/**
 * `/`: what the controller sees and does, on one time axis. The page reads `/v1/scalers`, `/v1/scalers/{name}/history` and
 * `/v1/events`.
 *
 * @throws when a file of the page is missing
 */
export function pageRouter(): Router {
  const router = express.Router();
  for (const { path, type, body } of readAssets())
    router.get(path, (_request, response) => {
      response.locals.route = path;
      response.set('content-security-policy', contentSecurityPolicy).type(type).send(body);
    });
  return router;
}
