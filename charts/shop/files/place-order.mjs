// Places an order for a new client and a new product, and waits until it is paid. Ends with 1 if it is not.
import { readFileSync } from 'node:fs';

const { ORDERS_URL, CLIENTS_URL, PRODUCTS_URL, TOKEN_FILE } = process.env;
const token = TOKEN_FILE && readFileSync(TOKEN_FILE, 'utf8').trim();
const patienceMs = 90_000;
const price = 19.9;

async function call(url, body) {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${url} was answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}

const digits = String(Math.floor(Math.random() * 1e11)).padStart(11, '0');
const client = await call(`${CLIENTS_URL}/v1/clients`, {
  name: 'helm test',
  email: `helm.test.${digits}@example.com`,
  phone: '11999999999',
  cpf: digits,
});
const product = await call(`${PRODUCTS_URL}/v1/products`, {
  name: 'helm test',
  description: 'one piece',
  price,
  quantity: 1,
});
const { id } = await call(`${ORDERS_URL}/v1/orders`, {
  clientId: client.id,
  items: [{ productId: product.id, quantity: 1, price }],
  total: price,
  payments: [{ typePaymentId: 1, amount: price }],
});
process.stdout.write(`order ${id} was placed\n`);

const deadlineMs = Date.now() + patienceMs;
let order;
do order = await call(`${ORDERS_URL}/v1/orders/${id}?wait=10`);
while (order.status === 'PENDENTE' && Date.now() < deadlineMs);
process.stdout.write(`order ${id} is ${order.status}\n`);
if (order.status !== 'PAGO') process.exitCode = 1;
