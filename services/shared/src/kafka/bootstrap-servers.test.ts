import { expect, it } from '@jest/globals';
import { bootstrapServers } from './bootstrap-servers.ts';

it('each client of a use begins at the next server, whatever the others do', () => {
  const serversFor = bootstrapServers<'ping' | 'produce'>(['a', 'b', 'c']);
  const asked = [serversFor('produce'), serversFor('ping'), serversFor('produce'), serversFor('produce')];
  expect(asked.map((servers) => servers.join(''))).toEqual(['abc', 'abc', 'bca', 'cab']);
  expect(serversFor('produce')).toEqual(['a', 'b', 'c']);
});
