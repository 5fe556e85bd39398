// Runs in a pod that may call the shop: places ORDERS orders, RATE a second, each on a connection as it comes, and waits until
// every accepted one is decided. Prints one line of JSON:
// {accepted: [id], refused: [sentence], words: {word: count}, placedUntilMs}.
const { ORDERS_URL, CLIENTS_URL, PRODUCTS_URL, ORDERS = '1', RATE = '10', PATIENCE_S = '240' } = process.env;
const price = 19.9;

async function call(url, body) {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${url} was answered ${response.status}: ${answer}`);
  return JSON.parse(answer);
}

const digits = String(Math.floor(Math.random() * 1e11)).padStart(11, '0');
const client = await call(`${CLIENTS_URL}/v1/clients`, {
  name: 'load',
  email: `load.${digits}@example.com`,
  phone: '11999999999',
  cpf: digits,
});
const product = await call(`${PRODUCTS_URL}/v1/products`, { name: 'load', description: 'a piece', price, quantity: 1 });
const order = {
  clientId: client.id,
  items: [{ productId: product.id, quantity: 1, price }],
  total: price,
  payments: [{ typePaymentId: 1, amount: price }],
};

const [accepted, refused] = [[], []];
const sent = [];
for (let index = 0; index < Number(ORDERS); index += 1) {
  sent.push(
    call(`${ORDERS_URL}/v1/orders`, order).then(
      ({ id }) => accepted.push(id),
      (error) => refused.push(`${error.message}: ${error.cause?.message ?? ''}`),
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, 1000 / Number(RATE)));
}
const placedUntilMs = Date.now();
await Promise.all(sent);

const deadlineMs = Date.now() + Number(PATIENCE_S) * 1000;
const words = {};
for (const id of accepted) {
  let word = 'PENDENTE';
  while (word === 'PENDENTE' && Date.now() < deadlineMs) {
    const found = await call(`${ORDERS_URL}/v1/orders/${id}?wait=5`).catch(() => undefined);
    word = found?.status ?? word;
    if (found === undefined) await new Promise((resolve) => setTimeout(resolve, 200));
  }
  words[word] = (words[word] ?? 0) + 1;
}
process.stdout.write(`${JSON.stringify({ accepted, refused, words, placedUntilMs })}\n`);
