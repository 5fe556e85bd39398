import { startTestServers } from './test-servers.ts';

// biome-ignore lint/style/noDefaultExport: Jest calls the default export, with arguments that are of no use here.
export default () => startTestServers();
