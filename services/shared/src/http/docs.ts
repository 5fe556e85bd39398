import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import express, { type Router } from 'express';

const page = (title: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const startScript = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true });\n`;

/** `/docs`: the API to read and to try, served from our own origin so that the content security policy stays closed. */
export function docsRouter(title: string): Router {
  const router = express.Router();
  const assets = assetsFolder();
  router.get('/docs', (_request, response) => {
    response.type('html').send(page(title));
  });
  router.get('/docs/start.js', (_request, response) => {
    response.type('js').send(startScript);
  });
  for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js'])
    router.get(`/docs/${file}`, (_request, response) => {
      response.removeHeader('cache-control');
      response.sendFile(file, { root: assets, maxAge: '1d' });
    });
  return router;
}

/** A bundle has its assets beside it, and no packages to find them in. */
function assetsFolder(): string {
  const beside = join(import.meta.dirname, 'swagger-ui');
  return existsSync(beside) ? beside : dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
}
