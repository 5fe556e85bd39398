import { authSettings } from '@shop/shared/auth/auth-settings';
import { httpUrl, integer, optional, text } from '@shop/shared/env';
import { httpSettings } from '@shop/shared/http/app';
import { kafkaSettings } from '@shop/shared/kafka/settings';
import { lifecycleSettings } from '@shop/shared/lifecycle';
import { mongoSettings } from '@shop/shared/mongo/connect';
import { relaySettings } from '@shop/shared/outbox/relay-settings';
import { rightsSettings } from './rights.ts';

export const settings = {
  ...lifecycleSettings,
  ...httpSettings('3001'),
  ...mongoSettings,
  ...kafkaSettings,
  ...relaySettings,
  ...authSettings,
  ...rightsSettings,
  clientsUrl: httpUrl('CLIENTS_URL', 'http://127.0.0.1:3002', 'where the clients service is'),
  productsUrl: httpUrl('PRODUCTS_URL', 'http://127.0.0.1:3003', 'where the products service is'),
  catalogTokenFile: optional(
    text('CATALOG_TOKEN_FILE', undefined, 'file with the bearer token for clients and products, read for each call'),
  ),
  catalogTimeoutMs: integer(
    'CATALOG_TIMEOUT_MS',
    '2000',
    'patience with clients and products, in each of two attempts',
    [1, 60_000],
  ),
  catalogCacheMs: integer(
    'CATALOG_CACHE_MS',
    '30000',
    'how long a known client or product is remembered',
    [0, 3_600_000],
  ),
  decisionPollMs: integer(
    'DECISION_POLL_MS',
    '250',
    'how soon GET …?wait= sees a decision that another process made',
    [10, 10_000],
  ),
};
